"""Plain Ansible reaches the hosts of the embedded cloud by each form of the inventory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govstack.sandbox import lacking

pytestmark = pytest.mark.e2e

CHECKOUT = Path(__file__).parents[2]
FORMS = ("inventory.yaml", "inventory.sh", "govstack.yml")
OFFICE = "yz-pub-szfb-oa-app-001"
START_SECONDS = 60
"""How long hosts that were just made may take to answer, on a machine that has other work."""


@pytest.fixture(scope="module")
def generated(city: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the small city after its systems were run."""
    lacks = lacking(tmp_path_factory.mktemp("probe"))
    if lacks:
        pytest.skip(f"servers cannot be hosts here: {lacks}")
    assert city.run("up", "--yes").exit_code == 0
    hosts = [host["name"] for host in city.run("inventory").data["hosts"]]
    deadline = time.monotonic() + START_SECONDS
    while waiting := [host for host in hosts if city.text("ssh", host, "--", "true").exit_code]:
        assert time.monotonic() < deadline, waiting
        hosts = waiting
    assert city.run("inventory", "--write").data["hosts"] == 6
    return Path(city.site) / "generated" / "sandbox"


@pytest.fixture(scope="module")
def variables(city: Any, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Where Ansible finds the collection and the program, as an operator sets it once."""
    folder = tmp_path_factory.mktemp("ansible")
    (folder / "ansible_collections").mkdir()
    (folder / "ansible_collections" / "govstack").symlink_to(CHECKOUT / "roles" / "govstack")
    program = folder / "govstack"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m govstack_cli "$@"\n')
    program.chmod(0o755)
    return {
        **city.variables,
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        "GOVSTACK": str(program),
    }


def ansible(
    folder: Path, variables: Mapping[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "ansible", *words],
        env={**os.environ, **variables},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_host_answers(form: str, generated: Path, variables: Mapping[str, str]) -> None:
    ran = ansible(generated, variables, "-i", form, "all", "-m", "ping", "-T", "30")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert sorted(ran.stdout.count(word) for word in ("SUCCESS", '"ping": "pong"')) == [6, 6]


def test_a_host_knows_what_is_said_of_it(
    generated: Path, variables: Mapping[str, str], city: Any
) -> None:
    words = ("-i", "inventory.sh", "system_app_oa", "-m", "command", "-o")
    ran = ansible(generated, variables, *words, "-a", "hostname -I")
    assert "10.20.0.10" in ran.stdout, ran.stdout + ran.stderr
    (host,) = city.run("inventory", OFFICE).data["hosts"]
    ids = city.run("outputs", "app-oa").data["systems"]
    (own,) = [system for system in ids if system["id"] == "app-oa"]
    assert host["variables"]["govstack_resource_id"] == own["values"]["nodes"][OFFICE]


def test_what_is_declared_otherwise_is_refused(
    generated: Path, variables: Mapping[str, str], city: Any
) -> None:
    path = city.site / "systems" / "app-oa.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("owner: ", "owner: new "), encoding="utf-8")
    try:
        refused = city.run("inventory")
        assert refused.exit_code == 10
        assert "app-oa is declared otherwise than at its last run" in refused.error["message"]
        for form in FORMS[1:]:
            ran = ansible(generated, variables, "-i", form, "all", "-m", "ping", "-o")
            assert ran.returncode != 0
            assert "app-oa is declared otherwise" in ran.stderr
        assert city.text("inventory", "--host", "yz-dat-dsjj-rdb-db-001").exit_code == 0
    finally:
        path.write_text(text, encoding="utf-8")


def test_up_writes_the_files_anew(generated: Path, city: Any) -> None:
    path = generated / "inventory.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text("---\n", encoding="utf-8")
    assert city.run("up", "--yes").exit_code == 0
    assert path.read_text(encoding="utf-8") == text
