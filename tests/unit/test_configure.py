"""Configure: batches and plays, files without secrets, events, and what is run again."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.configure.batches import batches_of, merged, roles_of
from govstack.configure.collection import Roles
from govstack.configure.documents import REACHED, REMEMBER, NotAHost, inventories, playbook
from govstack.configure.events import HIDDEN, MOST_LINES, Redactor, translated
from govstack.configure.model import Batch, Did, Ended, Job, Message, TaskBegan, TaskDone
from govstack.inventory.model import Group, Host, Inventory
from govstack.inventory.variables.model import HostRoles
from govstack.operations.host_runs import HostRuns, Setting
from govstack.operations.passing import MEMORY, passing_folder
from govstack.operations.report_configure import TaskReport
from govstack.resources import resource
from govstack.state.hosts import UNSURE, Configured, read_configured, write_configured
from govstack.state.own import OwnSecrets
from govstack.state.places import Places
from govstack.values.observer import ChangeSeen, Event, Outcome, StepFinished
from govstack.values.secret import Secret

EVENTS = Path(__file__).parent.parent / "data" / "runner_events.jsonl"
LOGS = "yz-mgt-dsjj-log-collector-001"
GONE = (
    "Task failed: Failed to connect to the host via ssh: ssh: Could not resolve hostname "
    "yz-gone-001: Name or service not known"
)
PLANTED = "planted-secret-0123456789"


def host(name: str, system: str, *roles: str, layer: str = "infrastructure") -> HostRoles:
    return HostRoles(
        host=name,
        system=system,
        layer=layer,
        roles=roles,
        variables={"a_key": Secret(PLANTED), "a_text": "{{ no template }}"},
        left={},
    )


LOG = host("log", "inf-log", "c.base", "c.log_server", "c.firewall")
JUMP = host("jump", "inf-bas", "c.base", "c.bastion", "c.log_client", "c.firewall")
FIRST = host("db-1", "dat-rdb", "c.base", "c.database", "c.firewall", layer="data-service")
SECOND = replace(FIRST, host="db-2")
API = host("api", "dat-api", "c.base", "c.firewall", layer="data-service")
OFFICE = host("oa", "app-oa", "c.base", "c.firewall", layer="application-support")
ALL = (LOG, JUMP, FIRST, SECOND, API, OFFICE)


def inventory(*hosts: HostRoles, **variables: Any) -> Inventory:
    common = {"ansible_ssh_common_args": "-F /folder/config", **variables}
    listed = tuple(
        Host(
            name=each.host,
            system=each.system,
            system_name=each.system,
            layer=each.layer,
            zone="MGT",
            address="10.0.0.1",
            way=(),
            is_reachable=True,
            family="debian",
            roles=each.roles,
            groups=("os_debian",),
            variables={"ansible_host": each.host},
        )
        for each in hosts
    )
    group = Group(name="os_debian", hosts=tuple(each.host for each in hosts), variables={"p": 1})
    return Inventory(
        site="s", name="s", environment="e", hosts=listed, groups=(group,), variables=common
    )


def test_who_serves_others_comes_first_and_stateful_systems_alone() -> None:
    found = [
        (batch.layer, [each.host for each in batch.hosts], batch.serial)
        for batch in batches_of(ALL, {"c.database"}, {"dat-rdb", "dat-api"})
    ]
    assert found == [
        ("infrastructure", ["log", "jump"], False),
        ("data-service", ["db-1", "db-2"], True),
        ("data-service", ["api"], False),
        ("application-support", ["oa"], False),
    ]


def test_a_system_of_one_host_that_does_not_serve_yet_goes_with_the_others() -> None:
    def found(hosts: Sequence[HostRoles], *serving: str) -> list[tuple[list[str], bool]]:
        batches = batches_of(hosts, {"c.database"}, serving)
        return [([each.host for each in batch.hosts], batch.serial) for batch in batches]

    alone = (LOG, JUMP, FIRST, API, OFFICE)
    assert found(alone) == [(["log", "jump"], False), (["db-1", "api"], False), (["oa"], False)]
    assert found(alone, "dat-rdb")[1:3] == [(["db-1"], True), (["api"], False)]
    # A copy is made from who serves, so the second host waits for the first in any case.
    assert found(ALL)[1:3] == [(["db-1", "db-2"], True), (["api"], False)]


def test_roles_are_put_into_one_order_that_each_host_agrees_with() -> None:
    assert roles_of((LOG, JUMP)) == [
        ("c.base", ["log", "jump"]),
        ("c.log_server", ["log"]),
        ("c.bastion", ["jump"]),
        ("c.log_client", ["jump"]),
        ("c.firewall", ["log", "jump"]),
    ]


def test_orders_that_contradict_are_refused() -> None:
    assert merged([["a", "c"], ["a", "b", "c"]]) == ["a", "b", "c"]
    with pytest.raises(ValueError, match="different orders"):
        merged([["a", "b"], ["b", "a"]])


def test_each_host_takes_part_in_its_own_roles() -> None:
    batch = Batch(layer="infrastructure", hosts=(LOG, replace(JUMP, roles=("c.base",))))
    (play,) = json.loads(playbook(batch, remembers=False))
    tasks = play.pop("tasks")
    assert play == {
        "name": "infrastructure",
        "hosts": ["log", "jump"],
        "gather_facts": False,
        "become": True,
        "connection": "ssh",
    }
    flush = {"ansible.builtin.meta": "flush_handlers"}
    assert tasks[:4] == [
        {"name": "base", "ansible.builtin.include_role": {"name": "c.base"}},
        flush,
        {
            "name": "log_server",
            "ansible.builtin.include_role": {"name": "c.log_server"},
            "when": 'inventory_hostname in ["log"]',
        },
        flush,
    ]
    assert tasks[-1]["name"] == REACHED


def test_hosts_of_a_stateful_system_are_changed_one_after_another() -> None:
    batch = Batch(layer="data-service", hosts=(FIRST, SECOND), serial=True)
    (play,) = json.loads(playbook(batch, remembers=True))
    assert (play["serial"], play["max_fail_percentage"]) == (1, 0)
    names = [task.get("name", "") for task in play["tasks"]]
    assert names[-3:] == [REMEMBER, REMEMBER, REACHED]


def test_secrets_are_in_a_file_of_their_own() -> None:
    digests = {each.host: f"digest of {each.host}" for each in ALL}
    plain, secret = inventories(inventory(*ALL), (LOG,), digests)
    assert PLANTED not in plain
    assert '!unsafe "{{ no template }}"' in plain
    assert 'ansible_connection: "ssh"' in plain
    assert "mitogen_ssh_keepalive_interval: 5\n" in plain
    assert 'govstack_configured: "digest of log"' in plain
    assert f'a_key: "{PLANTED}"' in secret
    assert "a_text" not in secret
    assert "jump" not in plain + secret


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_this_machine_is_never_a_host(name: str) -> None:
    itself = host(name, "inf-log", "c.base")
    with pytest.raises(NotAHost):
        inventories(inventory(itself), (itself,), {name: ""})
    hidden = inventory(LOG)
    lying = replace(hidden.hosts[0], variables={"ansible_host": name})
    with pytest.raises(NotAHost):
        inventories(replace(hidden, hosts=(lying,)), (LOG,), {"log": ""})
    with pytest.raises(NotAHost):
        inventories(inventory(LOG, ansible_ssh_common_args=""), (LOG,), {"log": ""})


def test_no_role_leaves_the_hosts() -> None:

    for path in (resource("roles") / "govstack").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert not any(
            word in text for word in ("delegate_to", "local_action", "connection: local")
        )


def recorded() -> list[dict[str, Any]]:
    lines = EVENTS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_what_is_for_ansible_itself_is_not_told() -> None:
    data = {"task": "ansible.builtin.meta", "task_action": "ansible.builtin.meta"}
    event = {"event": "playbook_on_task_start", "event_data": data}
    assert translated(event, Redactor(())) is None


def test_events_of_ansible_are_told_in_our_words() -> None:
    told = [translated(event, Redactor([PLANTED])) for event in recorded()]
    assert [one for one in told if isinstance(one, TaskBegan)] == [
        TaskBegan("", task)
        for task in (
            "Write a file",
            "Try what may fail",
            "Write secrets",
            "Leave out",
            "Write several",
        )
    ]
    done = [one for one in told if isinstance(one, TaskDone)]
    assert [(one.host, one.task, one.did.value, one.told) for one in done] == [
        (
            "yz-gone-001",
            "Write a file",
            "unreachable",
            GONE,
        ),
        (LOGS, "Write a file", "changed", ""),
        (LOGS, "Try what may fail", "ok", ""),
        (LOGS, "Write secrets", "ok", ""),
        (LOGS, "Leave out", "skipped", ""),
        (LOGS, "Write several", "failed", "Destination directory /nonexistent does not exist"),
    ]
    assert done[1].diff == "--- /tmp/recorded\n@@ -0,0 +1,2 @@\n+first\n+*** is hidden"
    assert done[1].module == "ansible.builtin.copy"


def test_what_is_censored_is_said_to_be() -> None:
    (event,) = (
        one
        for one in recorded()
        if one["event"] == "runner_on_failed" and one["event_data"]["task"] == "Write secrets"
    )
    del event["event_data"]["ignore_errors"]
    done = translated(event, Redactor([]))
    assert isinstance(done, TaskDone)
    assert (done.did, done.told) == (Did.FAILED, HIDDEN)


def test_a_change_in_a_loop_shows_each_difference() -> None:
    diff = [{"before": "a\n", "after": "b\n", "after_header": "/dev/shm/own"}]
    result = {"changed": True, "results": [{"diff": diff, "dest": "/etc/its"}]}
    event = {"event": "runner_on_ok", "event_data": {"host": "h", "task": "t", "res": result}}
    done = translated(event, Redactor([]))
    assert isinstance(done, TaskDone)
    assert done.diff == "--- /etc/its\n@@ -1 +1 @@\n-a\n+b"
    many = {"before": "", "after": "line\n" * 1000}
    event["event_data"] = {"host": "h", "task": "t", "res": {"changed": True, "diff": many}}
    long = translated(event, Redactor([]))
    assert isinstance(long, TaskDone)
    assert len(long.diff.splitlines()) == MOST_LINES + 1


def test_every_line_of_a_secret_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"
    redact = Redactor([key, "short"])
    assert redact(f"said: {key!r}").count("***") == 2
    assert redact("short stays") == "short stays"


class Watcher:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def notify(self, event: Event) -> None:
        self.events.append(event)


Tell = Callable[[Message], None]


class Ran:
    """Batches with a faked Ansible."""

    def __init__(self, folder: Path, answer: Callable[[Job, Tell], Ended], **options: Any) -> None:
        self.places = Places(folder / "state")
        self.watcher = Watcher()
        self.jobs: list[Job] = []
        setting = Setting(
            places=self.places,
            inventory=inventory(*ALL),
            names={each.system: f"the {each.system}" for each in ALL},
            digests={each.host: f"digest of {each.host}" for each in ALL},
            roles=Roles("govstack.base"),
            private=folder / "private",
            folder=folder / "run",
            **{"check": False, "diff": False, "remembers": True, **options},
        )

        def run(job: Job, tell: Tell) -> Ended:
            self.jobs.append(job)
            secret = job.inventory[1].read_text(encoding="utf-8")
            assert PLANTED in secret
            assert PLANTED in job.hidden
            return answer(job, tell)

        self.runs = HostRuns(setting, self.watcher, run)


def test_what_hosts_became_is_told_and_kept(tmp_path: Path) -> None:
    def answer(_job: Job, tell: Tell) -> Ended:
        tell(TaskBegan("base", "Write"))
        tell(TaskDone(host="log", role="base", task="Write", did=Did.CHANGED, module="a.b.copy"))
        tell(TaskDone(host="log", role="", task=REMEMBER, did=Did.CHANGED))
        tell(TaskDone(host="jump", role="base", task="Write", did=Did.FAILED, told="no space"))
        return Ended(hosts={"log": True, "jump": False})

    ran = Ran(tmp_path, answer)
    write_configured(ran.places, Configured(host="jump", digest="old", roles=(), updated=""))
    log, jump = ran.runs.run(Batch(layer="infrastructure", hosts=(LOG, JUMP)))
    assert (log.outcome, log.tasks) == (Outcome.DONE, (TaskReport(role="base", task="Write"),))
    assert (jump.outcome, jump.role, jump.task, jump.error) == (
        Outcome.FAILED,
        "base",
        "Write",
        "no space",
    )
    assert jump.hint.startswith("govstack ssh jump -- sudo journalctl")
    known = {host: each.digest for host, each in read_configured(ran.places).items()}
    assert known == {"log": "digest of log", "jump": UNSURE}
    (seen,) = (one.change for one in ran.watcher.events if isinstance(one, ChangeSeen))
    assert (seen.system, seen.type, seen.name, seen.kind) == (
        "inf-log",
        "base",
        "log: Write",
        "file",
    )
    finished = [one for one in ran.watcher.events if isinstance(one, StepFinished)]
    assert [(one.step, one.outcome) for one in finished] == [
        ("log", Outcome.DONE),
        ("jump", Outcome.FAILED),
    ]
    assert not list((tmp_path / "private").glob("*/secrets.yaml"))
    kept = (path for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert all(PLANTED not in path.read_text(encoding="utf-8") for path in kept)


def test_after_a_failure_the_others_of_a_stateful_system_are_left_alone(tmp_path: Path) -> None:
    def answer(_job: Job, tell: Tell) -> Ended:
        unreached = TaskDone(host="db-1", role="base", task="Read", did=Did.UNREACHABLE, told="no")
        tell(unreached)
        return Ended(hosts={"db-1": False})

    ran = Ran(tmp_path, answer)
    first, second = ran.runs.run(Batch(layer="data-service", hosts=(FIRST, SECOND), serial=True))
    assert (first.outcome, first.task) == (Outcome.FAILED, "cannot be reached")
    assert (second.outcome, second.error) == (
        Outcome.SKIPPED,
        "another host of its system failed before its turn",
    )
    known = {host: each.digest for host, each in read_configured(ran.places).items()}
    assert known == {"db-1": UNSURE}


def test_an_ansible_that_does_not_begin_fails_all_hosts(tmp_path: Path) -> None:
    ran = Ran(tmp_path, lambda _job, _tell: Ended(hosts={}, told="no such collection"))
    (log,) = ran.runs.run(Batch(layer="infrastructure", hosts=(LOG,)))
    assert (log.outcome, log.error) == (Outcome.FAILED, "no such collection")


def test_what_only_looked_is_not_remembered(tmp_path: Path) -> None:
    ran = Ran(tmp_path, lambda _job, _tell: Ended(hosts={"log": True}), remembers=False, check=True)
    ran.runs.run(Batch(layer="infrastructure", hosts=(LOG,)))
    assert read_configured(ran.places) == {}
    assert ran.jobs[0].check
    assert REMEMBER not in ran.jobs[0].playbook.read_text(encoding="utf-8")


def test_a_digest_changes_with_the_files_of_a_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = tmp_path / "govstack/base/roles/time/tasks/main.yml"
    tasks.parent.mkdir(parents=True)
    tasks.write_text("one")
    monkeypatch.setattr("govstack.configure.collection.resource", lambda _: tmp_path)
    roles = Roles("govstack.base")
    before = roles.digests(["govstack.base.time"])
    assert before == roles.digests(["govstack.base.time"])
    (tmp_path / "govstack/base/roles/time/README.md").write_text("words")
    assert before == roles.digests(["govstack.base.time"])
    tasks.write_text("two")
    after = roles.digests(["govstack.base.time"])
    assert {name for name in after if after[name] != before[name]} == {"govstack.base.time"}


def test_own_secrets_are_made_once_and_sealed(tmp_path: Path) -> None:
    places = Places(tmp_path)
    own = OwnSecrets(places)
    password, (public, private) = own.password("db"), own.login("oa")
    own.keep()
    again = OwnSecrets(places)
    assert again.password("db").reveal() == password.reveal()
    assert again.login("oa")[0] == public
    assert public.startswith("ssh-ed25519 ")
    sealed = (places.vault / "_hosts.yml").read_text(encoding="utf-8")
    assert password.reveal() not in sealed
    assert private.reveal().splitlines()[1] not in sealed


def test_what_passes_is_gone_afterwards() -> None:
    with passing_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "secret").write_text(PLANTED)
    assert not folder.exists()
    left = MEMORY / folder.name.replace(folder.name.split("-")[3], "999999999", 1)
    left.mkdir()
    with passing_folder():
        assert not left.exists()
