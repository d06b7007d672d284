"""The worker process with the real Ansible: no host is there, so nothing is ever changed."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from govstack.configure import fast
from govstack.configure.documents import playbook
from govstack.configure.fast import fast_settings
from govstack.configure.model import Batch, Did, Ended, Job, Message, TaskBegan, TaskDone
from govstack.configure.run import run_job
from govstack.inventory.variables.model import HostRoles

HOST = "gone-001"
PLANTED = "planted-secret-0123456789"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job on a host that nobody can come to."""
    configuration = tmp_path / "config"
    configuration.write_text("Host *\n    ProxyCommand false\n", encoding="utf-8")
    inventory = {
        "all": {
            "hosts": {HOST: {"ansible_host": HOST}},
            "vars": {
                "ansible_connection": "ssh",
                "ansible_ssh_common_args": f"-F {configuration}",
                "ansible_python_interpreter": "/usr/bin/python3",
            },
        }
    }
    (tmp_path / "run").mkdir()
    (tmp_path / "private" / "run").mkdir(parents=True)
    (tmp_path / "inventory.yaml").write_text(json.dumps(inventory), encoding="utf-8")
    tasks = [{"name": "Look", "ansible.builtin.ping": {}}]
    play = [{"hosts": [HOST], "gather_facts": False, "tasks": tasks}]
    (tmp_path / "playbook.yaml").write_text(json.dumps(play), encoding="utf-8")
    return Job(
        folder=tmp_path / "run",
        private=tmp_path / "private",
        inventory=(tmp_path / "inventory.yaml",),
        playbook=tmp_path / "playbook.yaml",
        collections=tmp_path / "private" / "collections",
        hosts=(HOST,),
        hidden=(PLANTED,),
    )


def test_a_host_that_is_not_there_is_told(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_PASSWORD", PLANTED)
    told: list[Message] = []
    assert run_job(job, told.append) == Ended(hosts={HOST: False})
    began, done = told
    assert began == TaskBegan("", "Look")
    assert isinstance(done, TaskDone)
    assert (done.host, done.task, done.did) == (HOST, "Look", Did.UNREACHABLE)
    assert "kex_exchange_identification: Connection closed" in done.told
    lines = (job.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["task"] for line in lines] == ["Look", "Look"]
    written = [path for path in job.private.rglob("*") if path.is_file()]
    # What ansible-runner itself keeps is the command with its environment, and how it ended.
    assert {path.name for path in written} == {
        *("ansible.cfg", "settings", "command", "rc", "status")
    }
    assert all(PLANTED not in path.read_text(encoding="utf-8") for path in written)


def test_a_host_that_fails_ends_nothing_for_others(job: Job) -> None:
    roles = job.collections / "ansible_collections/c/d/roles"
    for name, task in (("good", "debug"), ("bad", "fail")):
        (roles / name / "tasks").mkdir(parents=True)
        text = json.dumps([{"name": "Try", f"ansible.builtin.{task}": {"msg": name}}])
        (roles / name / "tasks/main.yml").write_text(text, encoding="utf-8")
    told = {"first": ("c.d.bad", "c.d.good"), "second": ("c.d.good",)}
    hosts = tuple(
        HostRoles(host=host, system="s", layer="l", roles=roles, variables={}, left={})
        for host, roles in told.items()
    )
    text = playbook(Batch(layer="l", hosts=hosts), remembers=False)
    job.playbook.write_text(text, encoding="utf-8")
    listed = {"all": {"hosts": {host.host: {"ansible_connection": "ssh"} for host in hosts}}}
    job.inventory[0].write_text(json.dumps(listed), encoding="utf-8")
    seen: list[Message] = []
    ended = run_job(replace(job, hosts=("first", "second", "third")), seen.append)
    assert ended == Ended(hosts={"first": False, "second": True})
    tried = [(one.host, one.role) for one in seen if isinstance(one, TaskDone) and one.role]
    assert tried == [("first", "bad"), ("second", "good")]


def test_what_ansible_cannot_read_is_told(job: Job) -> None:
    job.playbook.write_text(f"- hosts: [{PLANTED}\n", encoding="utf-8")
    ended = run_job(job, lambda _: None)
    assert ended.hosts == {}
    assert "playbook.yaml" in ended.told
    assert PLANTED not in ended.told


def test_an_interrupt_ends_it(job: Job) -> None:
    configuration = job.private.parent / "config"
    mark = f"sleep 600.{os.getpid()}"
    configuration.write_text(f"Host *\n    ProxyCommand {mark}\n", encoding="utf-8")

    def interrupt(message: Message) -> None:
        assert isinstance(message, TaskBegan)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(job, interrupt)
    assert [line for line in _commands() if str(job.playbook) in line or mark in line] == []


def _commands() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_text(encoding="utf-8", errors="replace").replace("\0", " ")


def test_mitogen_is_used_where_it_is_installed_and_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "PACKAGE", "no_such_package")
    assert fast_settings() == {}
    (tmp_path / "a_package").mkdir()
    (tmp_path / "a_package" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fast, "PACKAGE", "a_package")
    assert fast_settings() == {
        "ANSIBLE_STRATEGY": "mitogen_linear",
        "ANSIBLE_STRATEGY_PLUGINS": str(tmp_path / "a_package" / "plugins" / "strategy"),
    }
    monkeypatch.setattr(fast, "KNOWN", (2, 17))
    assert fast_settings() == {}
