"""Hosts that a role's test may spoil: booted from the base of the embedded cloud, without a cloud.

Each test file has a lab of its own: a network namespace in which the hosts reach each other and
nothing else.  What the machine itself is must be the same afterwards.  Plays run as users run
them, by ansible-playbook over ssh; what they did is asked by commands that enter the host past
ssh, so that no role's own means prove the role.
"""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from govstack.configure.fast import fast_settings
from govstack.resources import resource
from govstack.sandbox import lacking
from govstack.sandbox.base import OPENEULER, ensure_base

sys.path.insert(0, str(resource("sandbox")))
from govstack_sandbox.hosts.clear import clear
from govstack_sandbox.hosts.guest import Guest, Interface, Subnet
from govstack_sandbox.hosts.host import Host
from govstack_sandbox.hosts.layer import write_layer
from govstack_sandbox.hosts.names import Names, tap
from govstack_sandbox.hosts.programs import batch, run

HERE = Path(__file__).parent
COLLECTIONS = resource("roles")
NETWORK = "10.99.0"
BIN = Path(sys.executable).parent

SAMPLE = {"test_base.py", "test_fast.py", "test_hardening.py"}
"""What `make test` runs of these; `make campaign-tests` runs all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name not in SAMPLE:
            item.add_marker(pytest.mark.campaign)


class Silent:
    """Nobody watches."""

    def notify(self, _event: object) -> None:
        """Take note of nothing."""


@dataclass(frozen=True, slots=True)
class Play:
    """What a play did."""

    exit_code: int
    outcomes: tuple[Mapping[str, Any], ...]
    output: str

    def named(self, outcome: str) -> list[str]:
        return [
            f"{one['host']}: {one['task']}" for one in self.outcomes if one["outcome"] == outcome
        ]

    @property
    def changed(self) -> list[str]:
        return self.named("changed")

    @property
    def reasons(self) -> str:
        """Why it failed, one reason a line."""
        told = (one["told"] for one in self.outcomes if one["outcome"] in {"failed", "unreachable"})
        single = (each for one in told for each in (one, *one.get("results", ())))
        return "\n".join(str(one.get("msg", one)) for one in single)


class Machine:
    """A host of the lab."""

    def __init__(self, lab: "Lab", name: str, number: int, base: Path) -> None:
        self.name, self.address = name, f"{NETWORK}.{number}"
        self._lab, self._uuid = lab, str(uuid.uuid4())
        self.host = Host(lab.folder / "hosts", self._uuid, lab.names)
        port = Interface(
            port=self._uuid,
            mac=f"02:00:00:00:00:{number:02x}",
            mtu=1500,
            subnets=(Subnet((self.address,), 24, f"{NETWORK}.1"),),
        )
        key = lab.key.with_suffix(".pub").read_text(encoding="utf-8")
        guest = Guest(self._uuid, name, str(base), 2, 2048, keys=(key,), interfaces=(port,))
        self.host.create(guest, {})
        self.host.start()
        batch(lab.names.cloud, [f"route add {self.address}/32 dev {tap(self._uuid)}"])
        with lab.known_hosts.open("a", encoding="utf-8") as file:
            file.write(f"{self.address} {self.host.folder.host_key()}\n")

    def sh(self, script: str, *, user: str = "root") -> str:
        """Return what a script prints inside, whether or not it fails."""
        done = self.done(script, user=user)
        return (done.stdout + done.stderr).strip()

    def done(self, script: str, *, user: str = "root") -> subprocess.CompletedProcess[str]:
        """Run a script inside, by its first process's namespaces."""
        leader = str(self.host._group.leader)
        command = ["nsenter", "--target", leader, "--all", "--root", "--wdns=/"]
        command += ["runuser", "-u", user, "--"] if user != "root" else []
        clean = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            [*command, "sh", "-c", script],
            env=clean,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def eventually(self, script: str, seconds: int = 20) -> str:
        """Return what the script prints once it succeeds; inside, so that nobody polls here."""
        loop = f"until {script} >/tmp/told 2>&1; do sleep 0.2; done"
        waiting = f"timeout {seconds} sh -c {quote(loop)}"
        told = self.done(f"{waiting}; code=$?; cat /tmp/told; exit $code")
        assert told.returncode == 0, f"{self.name}: {script}\n{told.stdout}{told.stderr}"
        return told.stdout.strip()

    def ssh(self, user: str, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Log in as somebody does, from outside."""
        return self._lab.inside(
            *("ssh", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={self._lab.known_hosts}"),
            *(*options, f"{user}@{self.address}", command),
        )


class Authority:
    """An authority that vouches for hosts, as that of a site does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._openssl("req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=lab")
        self.certificate = (folder / "ca.pem").read_text(encoding="utf-8")

    def issue(self, role: str, *names: str) -> dict[str, str]:
        """Return what a role takes: the authority, a certificate for these names, its key."""
        subject = ("-subj", f"/CN={names[0]}", "-CA", "ca.pem", "-CAkey", "ca.key")
        alternatives = ",".join(f"DNS:{name}" for name in names)
        extension = ("-addext", f"subjectAltName={alternatives}")
        self._openssl("req", "-x509", "-keyout", "key", "-out", "pem", *subject, *extension)
        texts = {"authority": self.certificate}
        for kind, file in (("certificate", "pem"), ("key", "key")):
            texts[kind] = (self._folder / file).read_text(encoding="utf-8")
        return {f"{role}_{kind}": text for kind, text in texts.items()}

    def _openssl(self, *arguments: str) -> None:
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
        command = ["openssl", *arguments, *new]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True)


class Lab:
    """Hosts that reach each other and nothing else."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder, self.base = folder, base
        self.names = Names.of(folder)
        self.key = folder / "key"
        self.known_hosts = folder / "known_hosts"
        self.machines: dict[str, Machine] = {}
        self.fast = True
        (folder / "hosts").mkdir()
        (folder / "collections/ansible_collections").mkdir(parents=True)
        (folder / "collections/ansible_collections/govstack").symlink_to(COLLECTIONS / "govstack")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(self.key))
        run("ip", "netns", "add", self.names.cloud)
        batch(self.names.cloud, ["link set lo up", f"address add {NETWORK}.1/32 dev lo"])
        for name in ("ip_forward", "conf.all.proxy_arp", "conf.default.proxy_arp"):
            self.inside("sysctl", "-q", "-w", f"net.ipv4.{name}=1")

    def start(self, name: str, *, base: Path | None = None) -> Machine:
        """Boot a host."""
        write_layer(self.folder / "hosts/layer")
        machine = Machine(self, name, 11 + len(self.machines), base or self.base)
        self.machines[name] = machine
        assert machine.host.state == "running"
        answers = f"ssh-keyscan -T 2 {machine.address} 2>/dev/null | grep -q ."
        waited = self.inside("timeout", "90", "sh", "-c", f"until {answers}; do sleep 0.1; done")
        assert waited.returncode == 0, machine.host.console()
        return machine

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this machine in the lab's network."""
        return subprocess.run(
            ["ip", "netns", "exec", self.names.cloud, *command],
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def play(
        self,
        roles: Sequence[str] | str,
        variables: Mapping[str, Any] | None = None,
        *options: str,
        hosts: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Play:
        """Run roles on all hosts, or on some with variables of their own."""
        turn = self.folder / "plays" / str(uuid.uuid4())
        turn.mkdir(parents=True)
        chosen = hosts or {name: {} for name in self.machines}
        listed = {
            name: {"ansible_host": self.machines[name].address, **own}
            for name, own in chosen.items()
        }
        (turn / "hosts.json").write_text(json.dumps({"all": {"hosts": listed}}), encoding="utf-8")
        names = [roles] if isinstance(roles, str) else roles
        play = {
            "hosts": "all",
            "gather_facts": False,
            "become": True,
            "vars": dict(variables or {}),
            "roles": [f"govstack.base.{name}" for name in names if "/" not in name],
            "tasks": [included(name) for name in names if "/" in name],
        }
        (turn / "play.json").write_text(json.dumps([play]), encoding="utf-8")
        (turn / "outcomes").touch()
        done = subprocess.run(
            [
                *("ip", "netns", "exec", self.names.cloud, str(BIN / "ansible-playbook")),
                *("-i", str(turn / "hosts.json"), str(turn / "play.json"), *options),
            ],
            env=self._environment(turn),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = (turn / "outcomes").read_text(encoding="utf-8").splitlines()
        return Play(
            done.returncode, tuple(json.loads(line) for line in lines), done.stdout + done.stderr
        )

    def converge(self, roles: Sequence[str] | str, *rest: Any, **named: Any) -> Play:
        """Check on bare hosts, run, run again without a change; return what the run did."""
        for step, options in (("check", ("--check", "--diff")), ("run", ()), ("again", ())):
            play = self.play(roles, *rest, *options, **named)
            assert play.exit_code == 0, f"{step}: {play.reasons}\n{play.output[-1500:]}"
            if step == "run":
                made = play
        assert play.changed == [], "the second run changes something"
        return made

    def refuses(self, roles: Sequence[str] | str, variables: Mapping[str, Any]) -> str:
        """Return why the roles refuse these variables; nothing is changed then."""
        play = self.play(roles, variables)
        assert play.exit_code == 2, play.output
        assert play.changed == []
        return play.reasons

    def _environment(self, turn: Path) -> dict[str, str]:
        return {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "outcomes",
            "OUTCOMES": str(turn / "outcomes"),
            "ANSIBLE_REMOTE_USER": "debian",
            "ANSIBLE_PRIVATE_KEY_FILE": str(self.key),
            "ANSIBLE_SSH_COMMON_ARGS": f"-o UserKnownHostsFile={self.known_hosts}",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "c"),
            "ANSIBLE_LOCAL_TEMP": str(turn / "tmp"),
            "ANSIBLE_NOCOLOR": "true",
            **(fast_settings() if self.fast else {}),
        }


def included(name: str) -> dict[str, Any]:
    """Return the task that runs a further entry of a role, as in `database/promote`."""
    role, _, entry = name.partition("/")
    return {
        "name": name,
        "ansible.builtin.include_role": {"name": f"govstack.base.{role}", "tasks_from": entry},
    }


def own() -> dict[str, str]:
    """What of this machine's own must stay as it is."""
    commands = {
        "settings": ["sysctl", "-a", "--pattern", r"^(kernel|vm)\."],
        "rules": ["nft", "list", "ruleset"],
        "packages": ["dpkg-query", "-W"],
    }
    found = {
        name: subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for name, command in commands.items()
    }
    volatile = ("kernel.random.", "kernel.pty.nr", "kernel.ns_last_pid")
    lines = found["settings"].splitlines()
    found["settings"] = "\n".join(line for line in lines if not line.startswith(volatile))
    for file in ("passwd", "group", "shadow", "hosts", "hostname", "localtime"):
        found[file] = Path("/etc", file).read_bytes().hex()
    return found


def cache() -> Path:
    return Path(os.environ.get("GOVSTACK_CACHE_HOME", Path.home() / ".cache/govstack"))


@pytest.fixture(scope="session")
def base() -> Path:
    """What hosts are made from; made if it is not there."""
    return ensure_base(cache(), Silent())


@pytest.fixture(scope="session")
def rpm_base() -> Path:
    """What hosts of the RPM family are made from; made if it is not there."""
    return ensure_base(cache(), Silent(), OPENEULER)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Iterator[Lab]:
    """A lab without hosts; the test file starts them."""
    folder = tmp_path_factory.mktemp("lab")
    lacks = lacking(folder)
    if lacks:
        pytest.skip(f"there are no hosts here: {lacks}")
    before = own()
    made = Lab(folder, base)
    try:
        yield made
    finally:
        clear(folder)
        shutil.rmtree(folder, ignore_errors=True)
    assert own() == before
