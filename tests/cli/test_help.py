"""Help: complete, grouped, and fast, since it imports next to nothing."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from govstack_cli.group import LazyGroup, Verb
from govstack_cli.main import cli

HEAVY = ("rich", "pydantic", "pulumi", "openstack", "ruamel", "govstack.operations")

PROBE = """
import sys
from govstack_cli.main import main
code = main(sys.argv[1:])
print(*sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""


def commands(
    group: LazyGroup, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        yield (*path, name), command
        if isinstance(command, LazyGroup):
            yield from commands(command, (*path, name))


ALL = dict(commands(cli))


@pytest.mark.parametrize("args", [["--help"], ["up", "--help"], ["sandbox", "-h"], ["--version"]])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, *args], capture_output=True, text=True, check=True
    )
    loaded = ran.stderr.split()
    assert "govstack_cli.main" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


def test_the_verbs_are_grouped(run: Any) -> None:
    out = run("--help").out
    titles = [line for line in out.splitlines() if line.endswith(":") and line[0] != " "]
    assert titles == [
        "Describe:",
        "Change:",
        "Look:",
        "Tools:",
        "Options:",
        "Global options:",
        "Examples:",
    ]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_line_in_the_overview_is_the_first_of_the_help(path: tuple[str, ...]) -> None:
    parent = ALL[path[:-1]] if path[:-1] else cli
    assert isinstance(parent, LazyGroup)
    overview = {name: text for section in parent.sections for name, text in section.verbs.items()}
    assert (ALL[path].help or "").splitlines()[0] == overview[path[-1]]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_verb_shows_examples_and_variables(path: tuple[str, ...], run: Any) -> None:
    ran = run(*path, "--help")
    assert ran.exit_code == 0
    flat = " ".join(ran.out.split())
    for name in ("SITE", "ENVIRONMENT", "OUTPUT", "QUIET", "VERBOSE", "COLOR"):
        assert f"[env var: GOVSTACK_{name}" in flat
    command = ALL[path]
    for param in command.params:
        if isinstance(param, click.Option):
            name = param.opts[-1].strip("-").replace("-", "_")
            assert "_".join(["GOVSTACK", *path, name]).upper() in flat
    if isinstance(command, Verb):
        assert "Examples:" in ran.out
        assert command.examples
