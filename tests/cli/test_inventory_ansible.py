"""Ansible itself reads each form of the inventory, and reads the same in all of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
ANSIBLE = Path(sys.executable).parent
FORMS = ("inventory.yaml", "inventory.sh", "govstack.yml")
OFFICE = "yz-pub-szfb-oa-app-001"
OWNER = "{{ lookup('pipe', 'touch hacked') }}"

Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def generated(yunzhou: Path, edit: Any, run: Any) -> Path:
    """The files of the small city, one of whose owners is called like a template."""
    edit("systems/app-oa.yaml", "owner: 市政府办公室信息处", f'owner: "{OWNER}"')
    assert run("--site", str(yunzhou), "inventory", "--write", "--allow-stale").exit_code == 0
    return yunzhou / "generated" / "sandbox"


@pytest.fixture
def ask(tmp_path: Path, generated: Path) -> Ask:
    """Run one of Ansible's programs where the files are."""
    collections = tmp_path / "collections" / "ansible_collections"
    collections.mkdir(parents=True)
    (collections / "govstack").symlink_to(CHECKOUT / "roles" / "govstack")
    program = tmp_path / "govstack"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m govstack_cli "$@"\n')
    program.chmod(0o755)

    def call(*words: str, variables: Mapping[str, str] | None = None) -> Any:
        given = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections.parent),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
            "GOVSTACK": str(program),
            "GOVSTACK_INVENTORY_ALLOW_STALE": "1",
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            [ANSIBLE / words[0], *words[1:]],
            env={**os.environ, **given, **(variables or {})},
            cwd=generated,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


def unmarked(value: Any) -> Any:
    """Return a value without the marks of texts that are no templates, lists of names sorted."""
    if isinstance(value, dict):
        if "__ansible_unsafe" in value:
            return value["__ansible_unsafe"]
        return {
            key: sorted(item) if key in {"hosts", "children"} else unmarked(item)
            for key, item in value.items()
        }
    return [unmarked(item) for item in value] if isinstance(value, list) else value


def test_all_forms_are_read_alike(ask: Ask, run: Any, yunzhou: Path) -> None:
    read = []
    for form in FORMS:
        ran = ask("ansible-inventory", "-i", form, "--list")
        assert ran.returncode == 0, ran.stderr
        document = json.loads(ran.stdout)
        document["_meta"].pop("profile", None)
        read.append(unmarked(document))
    assert read[0] == read[1] == read[2]
    said = json.loads(run("--site", str(yunzhou), "inventory", "--list", "--allow-stale").out)
    shared = {**said["all"]["vars"], **said["os_debian"]["vars"]}
    for host, variables in unmarked(said["_meta"]["hostvars"]).items():
        assert read[0]["_meta"]["hostvars"][host] == {**shared, **variables}
    groups = {name: sorted(said[name]["hosts"]) for name in said["all"]["children"]}
    assert {name: read[0][name]["hosts"] for name in groups} == groups


@pytest.mark.parametrize("form", FORMS)
def test_text_of_a_site_is_never_a_template(form: str, ask: Ask, generated: Path) -> None:
    ran = ask(
        *("ansible", "-i", form, OFFICE, "-c", "local", "-m", "debug"),
        *("-a", "msg={{ govstack_owner }}"),
    )
    assert ran.returncode == 0, ran.stderr
    assert OWNER in ran.stdout
    assert not list(generated.rglob("hacked"))


@pytest.mark.parametrize("form", FORMS[1:])
def test_a_refusal_ends_ansible_with_the_reason(form: str, ask: Ask) -> None:
    ran = ask(
        "ansible-inventory", "-i", form, "--list", variables={"GOVSTACK_INVENTORY_ALLOW_STALE": ""}
    )
    assert ran.returncode != 0
    assert "inf-bas was never run; inf-log was never run" in ran.stderr


def test_the_plugin_makes_groups_of_its_own(ask: Ask, generated: Path) -> None:
    more = "keyed_groups: [{prefix: data, key: govstack_data_class}]\nallow_stale: true\n"
    with (generated / "govstack.yml").open("a", encoding="utf-8") as file:
        file.write(more)
    ran = ask("ansible-inventory", "-i", "govstack.yml", "--list")
    assert json.loads(ran.stdout)["data_important"]["hosts"].count(OFFICE) == 1


def test_the_plugin_documents_itself(ask: Ask) -> None:
    ran = ask("ansible-doc", "-t", "inventory", "govstack.base.govstack")
    assert "Hosts, groups and variables are those of" in ran.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("program: /no/such/program", "/no/such/program cannot be run"),
        ("environment: nowhere", "nowhere"),
        ("site: elsewhere", "elsewhere"),
    ],
)
def test_what_the_plugin_cannot_do_is_said(line: str, said: str, ask: Ask, generated: Path) -> None:
    key = line.partition(":")[0]
    path = generated / "govstack.yml"
    kept = [each for each in path.read_text("utf-8").splitlines() if not each.startswith(key)]
    path.write_text("\n".join([*kept, line, ""]), encoding="utf-8")
    ran = ask("ansible-inventory", "-i", "govstack.yml", "--list")
    assert ran.returncode != 0
    assert said in ran.stderr
