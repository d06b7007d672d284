"""The root helper: a few verbs over a private socket, one request for each connection.

A request is one line of JSON with a ``verb``; so is the answer, which holds ``error`` where the
verb failed.  Whoever asks must be root or the cloud's owner, as the kernel says.
"""

import base64
import json
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from govstack_sandbox.hosts.files import Folder
from govstack_sandbox.hosts.guest import HostFailed, Volume, guest_of, interface_of
from govstack_sandbox.hosts.host import Host
from govstack_sandbox.hosts.layer import write_layer
from govstack_sandbox.hosts.names import OPERATOR, Names
from govstack_sandbox.hosts.plane import Plane
from govstack_sandbox.hosts.programs import inside
from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import die_with_parent

READY: Final = b"ready\n"
CONNECT_SECONDS: Final = 10.0
LONGEST: Final = 4 * 2**20
CREDENTIALS: Final = struct.Struct("3i")
Json = dict[str, Any]


def serve(root: Path, *, socket_number: int, notify_number: int) -> NoReturn:
    """Serve until told to stop or until the supervisor dies; hosts go on."""
    die_with_parent()
    os.umask(0o022)  # what is made here are also a host's own files
    signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
    helper = Helper(Layout(root))
    helper.open()
    listening = socket.socket(fileno=socket_number)
    os.write(notify_number, READY)
    os.close(notify_number)
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=helper.answer, args=(connection,), daemon=True).start()


class Helper:
    """The hosts of one cloud, and their network."""

    def __init__(self, layout: Layout) -> None:
        self._hosts = layout.data / "hosts"
        self._owner = layout.root.stat().st_uid
        self._names = Names.of(layout.root)
        self._plane = Plane(self._names.cloud, layout.database("neutron"), self._hosts / "plugged")
        self._turns: dict[str, threading.Lock] = {}
        self._adding = threading.Lock()
        self._verbs: dict[str, Callable[[Json], Json]] = {
            "create": self._create,
            "start": lambda asked: self._changed(asked, lambda host: host.start()),
            "stop": lambda asked: self._changed(asked, lambda host: host.stop(asked["seconds"])),
            "reboot": lambda asked: self._changed(
                asked, lambda host: host.reboot(hard=asked["hard"])
            ),
            "freeze": lambda asked: self._changed(asked, lambda host: host.freeze(on=asked["on"])),
            "limit": lambda asked: self._changed(
                asked, lambda host: host.limit(asked["vcpus"], asked["memory_mb"])
            ),
            "remove": lambda asked: self._changed(asked, lambda host: host.remove()),
            "plug": lambda asked: self._changed(
                asked, lambda host: host.plug(interface_of(asked["interface"]))
            ),
            "unplug": lambda asked: self._changed(asked, lambda host: host.unplug(asked["port"])),
            "attach": lambda asked: self._changed(
                asked, lambda host: host.attach(Volume(**asked["volume"]))
            ),
            "detach": lambda asked: self._changed(asked, lambda host: host.detach(asked["volume"])),
            "console": lambda asked: {"text": self._host(asked["server"]).console()},
            "states": self._states,
            "machines": self._machines,
            "keys": self._keys,
        }

    def open(self) -> None:
        """Make what all hosts need, and begin to follow neutron."""
        self._hosts.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_layer(self._hosts / "layer")
        self._plane.open()
        threading.Thread(target=self._plane.watch, daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        """Answer one request."""
        with connection, connection.makefile("rb") as lines:
            try:
                self._check(connection)
                asked = json.loads(lines.readline(LONGEST))
                if asked["verb"] == "connect":
                    self._connect(connection, asked)
                    return
                answer = self._verbs[asked["verb"]](asked)
            except (HostFailed, OSError, KeyError, TypeError, ValueError) as error:
                said = str(error) if isinstance(error, HostFailed | OSError) else repr(error)
                answer = {"error": said}
                print(f"refused: {said}", flush=True)  # noqa: T201 - the log
            try:
                connection.sendall(json.dumps(answer).encode() + b"\n")
            except OSError:  # whoever asked has gone
                return

    def _check(self, connection: socket.socket) -> None:
        """Refuse whom the kernel does not know as root or as the cloud's owner."""
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        _, user, _ = CREDENTIALS.unpack(found)
        if user not in {0, self._owner}:
            raise HostFailed(f"user {user} may not ask for anything here")

    def _host(self, server: str) -> Host:
        return Host(self._hosts, server, self._names)

    def _changed(self, asked: Json, change: Callable[[Host], None]) -> Json:
        """Change a host, one change at a time, and let its ports be known."""
        server = asked["server"]
        with self._adding:
            turn = self._turns.setdefault(server, threading.Lock())
        with turn:
            change(self._host(server))
        self._plane.refresh()
        return {}

    def _create(self, asked: Json) -> Json:
        drive = {name: base64.b64decode(text) for name, text in asked["drive"].items()}
        guest = guest_of(asked["guest"])
        return self._changed({"server": guest.uuid}, lambda host: host.create(guest, drive))

    def _known(self) -> list[Folder]:
        return [one for one in map(Folder, sorted(self._hosts.iterdir())) if one.exists()]

    def _states(self, _asked: Json) -> Json:
        names = [one.path.name for one in self._known() if not one.load().is_machine]
        return {"states": {name: self._host(name).state for name in names}}

    def _machines(self, asked: Json) -> Json:
        """Have exactly these machines, each of them on; return what each is."""
        ports = {port.id: port.mac for port in self._plane.look().ports}
        wanted = {one["guest"]["uuid"]: one for one in asked["machines"]}
        for one in wanted.values():
            for interface in one["guest"]["interfaces"]:
                if interface["port"] not in ports:
                    raise HostFailed(f"{one['guest']['name']} has no port in the cloud")
                interface["mac"] = ports[interface["port"]]
        present = {one.path.name: one.load() for one in self._known() if one.load().is_machine}
        for uuid in present.keys() - wanted.keys():
            self._changed({"server": uuid}, lambda host: host.remove())
        for uuid, one in wanted.items():
            if uuid not in present or not present[uuid].is_installed_as(guest_of(one["guest"])):
                self._create(one)
            self._changed({"server": uuid}, lambda host: host.start())
        states = {one["guest"]["name"]: self._host(uuid).state for uuid, one in wanted.items()}
        return {"machines": states}

    def _keys(self, _asked: Json) -> Json:
        return {"keys": {one.load().name: one.host_key() for one in self._known()}}

    def _connect(self, connection: socket.socket, asked: Json) -> None:
        """Hand over a connection to somewhere in the cloud, made from outside it."""
        address = (str(asked["host"]), int(asked["port"]))
        try:
            made = inside(
                self._names.cloud,
                lambda: socket.create_connection(address, CONNECT_SECONDS, (OPERATOR, 0)),
            )
        except OSError as error:
            said = f"{address[0]} port {address[1]}: {error.strerror or error}"
            connection.sendall(json.dumps({"error": said}).encode() + b"\n")
            return
        with made:
            made.setblocking(True)  # noqa: FBT003 - no name to give
            socket.send_fds(connection, [b"{}\n"], [made.fileno()])
