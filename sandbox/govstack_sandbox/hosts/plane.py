"""The data plane: keeps the cloud's namespace equal to what neutron has decided.

It looks ten times a second whether anything was committed, which SQLite tells without reading,
whether a host has plugged its ports anew, and whether one has taken a virtual address.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from govstack_sandbox.hosts.claims import Claims, Listener
from govstack_sandbox.hosts.guest import HostFailed
from govstack_sandbox.hosts.names import NAMESPACES, OPERATOR
from govstack_sandbox.hosts.neutron import Cloud, read_cloud
from govstack_sandbox.hosts.programs import batch, inside, run
from govstack_sandbox.hosts.routes import MAIN, PRIORITY, Routing, routing
from govstack_sandbox.hosts.rules import ruleset

POLL: Final = 0.1
AFTER_FAILURE: Final = 1.0
ATTEMPTS: Final = 3
SETTINGS: Final = {
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/proxy_arp": "1",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/conf/all/send_redirects": "0",
    "ipv4/conf/default/send_redirects": "0",
    # A connection counts from its beginning: else an answer to one that is forgotten could pass
    # for a new one in the other direction.
    "netfilter/nf_conntrack_tcp_loose": "0",
}
"""Of the cloud's namespace; each namespace has its own."""


class Plane:
    """The routes and rules of one cloud."""

    def __init__(self, namespace: str, database: Path, plugged: Path) -> None:
        self._namespace = namespace
        self._database = database
        self._plugged = plugged
        self._claims = Claims()
        self._ruleset = ""
        self._turn = threading.Lock()

    def open(self) -> None:
        """Make the namespace if it is not there; it begins closed."""
        if not (NAMESPACES / self._namespace).exists():
            run("ip", "netns", "add", self._namespace)
        inside(self._namespace, _set_up)
        if not self._has_table():
            self._load(ruleset(Cloud()))

    def watch(self) -> None:
        """Follow neutron for ever; what fails is told, and the last rules stay."""
        inside(self._namespace, lambda: Listener(self._claims)).start()
        seen: object = None
        with closing(self._connect()) as connection:
            while True:
                try:
                    claimed = sorted(self._claims.held().items())
                    found = (_version(connection), _changed(self._plugged), claimed)
                    if found != seen:
                        self._apply(connection)
                        seen = found
                    time.sleep(POLL)
                except (HostFailed, sqlite3.Error) as error:
                    print(f"the data plane is not as neutron says: {error}", flush=True)  # noqa: T201 - the log
                    time.sleep(AFTER_FAILURE)

    def refresh(self) -> None:
        """Make everything as it is to be now.

        Raises:
            HostFailed: it could not be.
        """
        try:
            with closing(self._connect()) as connection:
                self._apply(connection)
        except sqlite3.Error as error:
            raise HostFailed(f"neutron's tables cannot be read: {error}") from error

    def look(self) -> Cloud:
        """Return what neutron has decided by now.

        Raises:
            HostFailed: its tables cannot be read.
        """
        try:
            with closing(self._connect()) as connection:
                return read_cloud(connection)
        except sqlite3.Error as error:
            raise HostFailed(f"neutron's tables cannot be read: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        address = f"file:{self._database}?mode=ro"
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=10)

    def _apply(self, connection: sqlite3.Connection) -> None:
        with self._turn:
            cloud = read_cloud(connection)
            self._claims.follow(cloud)
            text = ruleset(cloud)
            if text != self._ruleset:
                self._load(text)
            for left in reversed(range(ATTEMPTS)):
                try:
                    self._route(cloud)
                except HostFailed:  # a device has come or gone meanwhile
                    if not left:
                        raise
                else:
                    return

    def _load(self, text: str) -> None:
        """Replace the rules: the kernel has the old ones or the new ones, never something else."""
        inside(self._namespace, lambda: run("nft", "-f", "-", text=text))
        self._ruleset = text

    def _has_table(self) -> bool:
        return bool(inside(self._namespace, lambda: run("nft", "list", "tables")).strip())

    def _route(self, cloud: Cloud) -> None:
        """Change only what differs."""
        devices = [link["ifname"] for link in self._ask("link", "show")]
        wanted = routing(cloud, devices, self._claims.held())
        present = self._present()
        lines = [
            *(f"address delete {one}/32 dev lo" for one in present.local - wanted.local),
            *(f"address add {one}/32 dev lo" for one in wanted.local - present.local),
            *(f"route delete {one} dev lo" for one in present.outside - wanted.outside),
            *(f"route add {one} dev lo" for one in wanted.outside - present.outside),
            *(_rule("delete", *one) for one in present.rules - wanted.rules),
            *(_rule("add", *one) for one in wanted.rules - present.rules),
            *(_route("delete", *one) for one in present.routes - wanted.routes),
            *(_route("add", *one) for one in wanted.routes - present.routes),
        ]
        batch(self._namespace, lines)

    def _present(self) -> Routing:
        routes = self._ask("-4", "route", "show", "table", "all")
        ours = [one for one in routes if one.get("type", "unicast") == "unicast"]
        return Routing(
            routes=frozenset(
                (_number(one.get("table")), one["dst"], one["dev"])
                for one in ours
                if one["dev"].startswith("tap")
            ),
            rules=frozenset(
                (one["iif"], _number(one["table"]))
                for one in self._ask("-4", "rule", "show")
                if "iif" in one
            ),
            local=frozenset(self._local()),
            outside=frozenset(one["dst"] for one in ours if one["dev"] == "lo"),
        )

    def _local(self) -> Iterable[str]:
        for link in self._ask("-4", "address", "show", "dev", "lo"):
            for address in link.get("addr_info", ()):
                if not address["local"].startswith("127."):
                    yield address["local"]

    def _ask(self, *command: str) -> list[dict[str, Any]]:
        answer = run("ip", "-n", self._namespace, "-json", *command)
        found: list[dict[str, Any]] = json.loads(answer or "[]")
        return found


def _set_up() -> None:
    """Prepare the namespace that this thread is in."""
    for name, value in SETTINGS.items():
        Path("/proc/sys/net", name).write_text(value, encoding="ascii")
    run("ip", "link", "set", "lo", "up")
    if OPERATOR not in run("ip", "address", "show", "dev", "lo"):
        run("ip", "address", "add", f"{OPERATOR}/32", "dev", "lo")


def _rule(verb: str, device: str, table: int) -> str:
    return f"rule {verb} iif {device} lookup {table} priority {PRIORITY}"


def _route(verb: str, table: int, address: str, device: str) -> str:
    return f"route {verb} {address}/32 dev {device} table {table}"


def _number(table: str | int | None) -> int:
    return MAIN if table in {None, "main"} else int(str(table))


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
