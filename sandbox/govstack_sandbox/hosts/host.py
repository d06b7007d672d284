"""One host: starts, stops, and takes interfaces and volumes.

Nothing about a running host is kept in memory: its control group says whether it runs, its folder
what it is.  So whoever asks may end and begin anew at any time.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from govstack_sandbox.hosts import binding
from govstack_sandbox.hosts.files import FIRST_METRIC, Folder
from govstack_sandbox.hosts.groups import Group, wait_until
from govstack_sandbox.hosts.guest import Guest, HostFailed, Interface, Volume
from govstack_sandbox.hosts.names import NAMESPACES, Names, tap
from govstack_sandbox.hosts.programs import batch, run

LAUNCH: Final = Path(__file__).parent / "launch.sh"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
HALT: Final = signal.SIGRTMIN + 3
REBOOT: Final = signal.SIGRTMIN + 5
"""What systemd, as the first process, takes for these wishes."""
PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
KEY_BEGIN: Final = "-----BEGIN SSH HOST KEY KEYS-----"
KEY_END: Final = "-----END SSH HOST KEY KEYS-----"
"""As cloud images print their keys, so that they can be known before the first login."""
TOLD: Final = 200
"""Characters of the console in an error: nova keeps only so many."""
CONSOLE_BYTES: Final = 100_000
EXCEPTION: Final = 255
"""What the first process ends with where it cannot begin."""
EXHAUSTED: Final = "most likely the machine's fs.inotify.max_user_instances is used up"


class Host:
    """One server of a cloud."""

    def __init__(self, hosts: Path, server: str, names: Names) -> None:
        self.folder = Folder(hosts / server)
        self._server = server
        self._names = names
        self._group = Group.of(names, server)

    @property
    def state(self) -> str:
        """Return ``running``, ``paused``, ``stopped`` or ``absent``."""
        if self._group.frozen:
            return "paused"
        if self._group.running:
            return "running"
        return "stopped" if self.folder.exists() else "absent"

    def create(self, guest: Guest, drive: Mapping[str, bytes]) -> None:
        """Make the host's files; one that was there is replaced."""
        self.kill()
        interfaces, guest = guest.interfaces, guest.without_interfaces()
        for interface in interfaces:
            guest = guest.with_interface(interface)
        self.folder.create(guest, self._names, drive)

    def start(self) -> None:
        """Return once the host has booted.

        Raises:
            HostFailed: it does not start; says what it printed last.
        """
        if self._group.running:
            return
        guest = self.folder.load()
        # Written anew: what a launcher needs may have another form than when it was made.
        self.folder.save(guest, self._names)
        self._group.create(guest.vcpus, guest.memory_mb)
        self.folder.ended.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(self._names.notify(self._server))
            self._launch()
            if not self._wait_for_start(told):
                why = self._last_words()
                self.kill()
                raise HostFailed(f"the host did not start: {why}")

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Shut the host down; end it if it does not in time."""
        if self._group.frozen:
            self._group.freeze(on=False)
        if self._signal(HALT):
            wait_until(lambda: not self._group.running, seconds)
        self.kill()

    def reboot(self, *, hard: bool) -> None:
        """Boot the host anew; if `hard`, or it does not listen, without asking it."""
        before = 0 if hard else self._group.leader
        if before and self._signal(REBOOT):
            changed = wait_until(lambda: self._group.leader not in {0, before}, STOP_SECONDS)
            if changed:
                return
        self.kill()
        self.start()

    def freeze(self, *, on: bool) -> None:
        """Pause the host, or let it go on."""
        self._group.freeze(on=on)

    def limit(self, vcpus: int, memory_mb: int) -> None:
        """Give the host another size, from now on."""
        self.folder.save(self.folder.load().resized(vcpus, memory_mb), self._names)
        if self._group.running:
            self._group.limit(vcpus, memory_mb)

    def kill(self) -> None:
        """End the host at once, and leave no process, namespace or control group of it."""
        self._group.kill()
        self._group.remove()
        guest = self.folder.load() if self.folder.exists() else None
        if guest and (NAMESPACES / self._names.cloud).exists():
            lines = [f"link delete {tap(one.port)}" for one in guest.interfaces]
            batch(self._names.cloud, lines, force=True)
        machine = self._names.machine(self._server)
        if (NAMESPACES / machine).exists():
            run("ip", "netns", "delete", machine)

    def remove(self) -> None:
        """End the host and delete its files."""
        self.kill()
        self.folder.remove()

    def plug(self, interface: Interface) -> None:
        """Give the host one more interface, at once if it runs."""
        guest = self.folder.load().with_interface(interface)
        self.folder.save(guest, self._names)
        if self._group.running:
            machine, added = self._names.machine(self._server), guest.interfaces[-1]
            batch(self._names.cloud, added.cloud_lines(machine))
            batch(machine, added.guest_lines(FIRST_METRIC * (len(guest.interfaces) - 1)))

    def unplug(self, port: str) -> None:
        """Take an interface away."""
        guest = self.folder.load()
        self.folder.save(guest.without_interface(port), self._names)
        if self._group.running and port in {one.port for one in guest.interfaces}:
            batch(self._names.cloud, [f"link delete {tap(port)}"], force=True)

    def attach(self, volume: Volume) -> None:
        """Make a volume appear in the host, now and after each start."""
        guest = self.folder.load()
        if self._group.running:
            binding.attach(self._group.leader, volume.source, volume.target)
        self.folder.save(guest.with_volume(volume), self._names)

    def detach(self, volume: str) -> None:
        """Make a volume vanish from the host."""
        guest = self.folder.load()
        for one in guest.volumes:
            if one.id == volume and self._group.running:
                binding.detach(self._group.leader, one.target)
        self.folder.save(guest.without_volume(volume), self._names)

    def console(self) -> str:
        """Return the end of what the host has printed."""
        try:
            content = self.folder.console.read_bytes()[-CONSOLE_BYTES:]
        except FileNotFoundError:
            return ""
        return content.decode(errors="replace")

    def _launch(self) -> None:
        """Start the launcher as nobody's child."""
        key = f"{KEY_BEGIN}\n{self.folder.host_key()}\n{KEY_END}\n"
        with self.folder.console.open("ab") as console:
            console.write(key.encode())
            console.flush()
            told = self._names.notify(self._server).replace("\0", "@", 1)
            subprocess.run(  # noqa: S603 - our own program
                ["setsid", "--fork", "sh", str(LAUNCH), str(self.folder.path)],  # noqa: S607 - by our PATH
                cwd="/",
                env={"PATH": PATH, "NOTIFY_SOCKET": told},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                check=True,
            )

    def _wait_for_start(self, told: socket.socket) -> bool:
        """Tell whether the host says that it has booted, before its launcher ends."""
        told.settimeout(0.1)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self.folder.ended.exists():
            try:
                if b"READY=1" in told.recv(4096):
                    return True
            except TimeoutError:
                continue
        return False

    def _last_words(self) -> str:
        said = self.console().rpartition(KEY_END)[2].strip()[-TOLD:]
        return f"{said}; {EXHAUSTED}" if said.endswith(f"code {EXCEPTION}") else said

    def _signal(self, number: int) -> bool:
        leader = self._group.leader
        if leader:
            os.kill(leader, number)
        return bool(leader)
