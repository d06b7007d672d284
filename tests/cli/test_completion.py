"""Completion: the scripts, and what they offer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def systems(site: Path) -> None:
    files = {
        "systems/bas.yaml": "id: inf-bas  # for good\nname: 堡垒机系统\nlayer: infrastructure\n",
        "systems/rdb.yaml": "id: 'dat-rdb'\nlayer: \"data-service\"\nname: 数据库\n",
        "systems/broken.yaml": "id: [\n",
        "environments/test.yaml": "profile: openstack\n",
        "environments/sandbox.yaml": "",
    }
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (site / "systems" / "binary.yaml").write_bytes(b"id: \xff\xfe\n")


def complete(*words: str, folder: Path | None = None) -> list[str]:
    """Return what fish would be offered for the last word."""
    ran = subprocess.run(
        [sys.executable, "-c", "from govstack_cli.main import main; main()"],
        env={
            "_GOVSTACK_COMPLETE": "fish_complete",
            "COMP_WORDS": " ".join(["govstack", *words]),
            "COMP_CWORD": words[-1],
        },
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert ran.stderr == ""
    lines = (line.removeprefix("plain,") for line in ran.stdout.splitlines())
    return [line for line in lines if line]


def test_verbs_are_offered() -> None:
    assert complete("pu") == ["pulumi\tRun Pulumi's own CLI on one stack."]
    assert complete("sandbox", "rem") == ["remove\tRemove the embedded cloud."]


@pytest.mark.parametrize("verb", ["plan", "preview", "up", "configure", "down", "outputs"])
def test_systems_are_offered_with_their_names(verb: str) -> None:
    assert complete(verb, "inf") == ["inf-bas\t堡垒机系统"]


def test_environments_are_offered() -> None:
    assert complete("-e", "") == ["sandbox", "test"]


def test_stacks_are_offered() -> None:
    assert complete("pulumi", "data") == ["data-service/dat-rdb\t数据库"]
    assert "infrastructure/platform" in complete("pulumi", "inf")


@pytest.mark.parametrize("verb", [("ssh",), ("certificates", "show"), ("certificates", "renew")])
def test_nodes_are_offered_with_their_addresses(verb: tuple[str, ...], site: Path) -> None:
    (site / "addresses.yaml").write_text(
        "# book\ncore/10.4.0.0/26: dat-rdb@DAT\ncore/10.4.0.10: yz-rdb-db-001\n"
        "core/10.4.0.11: yz-rdb-db-001@PRV\ncore/10.4.0.12: yz-rdb-https-vip\n",
        encoding="utf-8",
    )
    assert complete(*verb, "yz") == ["yz-rdb-db-001\t10.4.0.10"]


def test_the_site_that_was_named_counts(site: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert complete("up", "inf", folder=elsewhere) == []
    assert complete("-s", str(site), "up", "inf", folder=elsewhere) == ["inf-bas\t堡垒机系统"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_call_the_program(shell: str, run: Any) -> None:
    ran = run("completion", shell)
    assert (ran.exit_code, ran.err) == (0, "")
    assert "_GOVSTACK_COMPLETE" in ran.out
    assert f"{shell}_complete" in ran.out
    document = json.loads(run("completion", shell, "-o", "json").out)
    assert document["data"] == {"shell": shell, "script": ran.out}


def test_the_bash_script_is_valid(run: Any) -> None:
    script = run("completion", "bash").out
    ran = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=True)
    assert ran.stderr == ""
