"""The worker process: one batch by ansible-runner, in an environment that it is given.

ansible-runner copies the environment of its process into its files, and asks its own folder for
settings: so the process has nothing but what Ansible needs, and the folder is new and goes away.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import ansible_runner

from govstack.configure.documents import REACHED
from govstack.configure.events import Redactor, translated
from govstack.configure.fast import fast_settings
from govstack.configure.model import Ended, Job, Message, TaskDone
from govstack.configure.orphans import adopt_orphans, end_children, hang_up

Send = Callable[[Message], None]

KEPT: Final = frozenset(
    {
        *("HOME", "LANG", "LC_ALL", "LOGNAME", "PYTHONPATH", "SUDO_USER", "TMPDIR", "TZ", "USER"),
        *("GOVSTACK_CACHE_HOME", "GOVSTACK_STATE_HOME"),
        *("XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"),
    }
)
"""What ssh needs of our environment, and govstack, which it connects by."""
CONNECT_SECONDS: Final = 60
"""A hardened host behind a bastion answers within a second; on a machine that is busy with a whole
city of them, not always within twenty."""
SSH: Final = (
    "-o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=5 -o ServerAliveCountMax=12"
)
"""A bastion that loads new rules while it waits for an answer from behind it knows nothing of that
conversation, and drops the answer; it learns of it by the next word of ours.  And a host that has
died is noticed."""
FOLLOWS: Final = 12
"""How many of its last lines are told of an Ansible that could not begin."""


def serve(connection: Connection, job: Job) -> None:
    """Run a job; tell what happens through the connection, `Ended` last."""
    os.setsid()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=_listen, args=(connection, stopped), daemon=True).start()

    def send(message: Message) -> None:
        try:
            connection.send(message)
        except (BrokenPipeError, ConnectionResetError):
            stopped.set()

    adopt_orphans()
    try:
        ended = run(job, send, stopped)
    finally:
        hang_up(job.private / "c")
        end_children()
    send(ended)
    connection.close()


def _listen(connection: Connection, stopped: threading.Event) -> None:
    """Stop when the other end is gone; nothing else comes from there."""
    try:
        connection.recv()
    except (EOFError, OSError):
        stopped.set()


def run(job: Job, send: Send, stopped: threading.Event) -> Ended:
    """Run a job; return how it ended."""
    os.environ |= _clean(job)
    # Given as an argument they would be forgotten where there is no such file.
    settings = job.private / "run" / "env" / "settings"
    settings.parent.mkdir(mode=0o700)
    settings.write_text(json.dumps({"suppress_output_file": True}), encoding="utf-8")
    log = _Log(job, send)
    try:
        ansible_runner.run(
            private_data_dir=str(job.private / "run"),
            ident="one",
            playbook=str(job.playbook),
            inventory=[str(path) for path in job.inventory],
            cmdline=_options(job),
            suppress_env_files=True,
            quiet=True,
            event_handler=log.take,
            cancel_callback=stopped.is_set,
        )
    finally:
        log.close()
    return log.ended(stopped=stopped.is_set())


def _options(job: Job) -> str:
    return " ".join(
        [
            f"--forks {job.at_once}",
            *(["--check"] if job.check else []),
            *(["--diff"] if job.diff else []),
        ]
    )


def _clean(job: Job) -> dict[str, str]:
    """Leave nothing in this process's environment but what is needed; return what is added."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    path = os.environ.get("PATH", os.defpath)
    os.environ.clear()
    own = job.private
    # Without one that is named Ansible looks for others, in the folder where it is started too.
    settings = own / "ansible.cfg"
    settings.touch(mode=0o600)
    return kept | {
        "PATH": f"{Path(sys.executable).parent}:{path}",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_COLLECTIONS_PATH": str(job.collections),
        "ANSIBLE_FORCE_COLOR": "false",
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_HOME": str(own / "home"),
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
        "ANSIBLE_LOCAL_TEMP": str(own / "tmp"),
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_SSH_ARGS": SSH,
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(own / "c"),
        "ANSIBLE_SSH_RETRIES": "1",
        "ANSIBLE_TIMEOUT": str(CONNECT_SECONDS),
        **(fast_settings() if job.fast else {}),
    }


class _Log:
    """Translates events, keeps them without secrets, and knows how hosts did."""

    def __init__(self, job: Job, send: Send) -> None:
        self._send = send
        self._hosts = job.hosts
        self._redact = Redactor(job.hidden)
        self._file = (job.folder / "events.jsonl").open("a", encoding="utf-8")
        self._stats: Mapping[str, Mapping[str, int]] = {}
        self._reached: set[str] = set()
        self._said: list[str] = []

    def take(self, event: dict[str, Any]) -> bool:
        """Take note of an event; return that ansible-runner shall not write it."""
        if event.get("event") == "playbook_on_stats":
            self._stats = event["event_data"]
        elif event.get("event") in {"verbose", "error", "warning"}:
            self._said += [line for line in str(event.get("stdout", "")).splitlines() if line]
        message = translated(event, self._redact)
        if message:
            if isinstance(message, TaskDone) and message.task == REACHED:
                self._reached.add(message.host)
            self._write(event, message)
            self._send(message)
        return False

    def ended(self, *, stopped: bool) -> Ended:
        """Return how the batch ended."""
        bad = {host for part in ("dark", "failures") for host in self._stats.get(part) or {}}
        told = "" if self._stats or stopped else "\n".join(self._said[-FOLLOWS:])
        return Ended(
            hosts={host: host not in bad for host in self._hosts if host in self._reached | bad},
            told="it was stopped" if stopped else self._redact(told),
        )

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _write(self, event: Mapping[str, Any], message: Message) -> None:
        words = {name: str(getattr(message, name)) for name in message.__slots__}
        line = {"at": str(event.get("created", "")), **words}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
