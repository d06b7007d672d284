"""A server's own files: what makes a host of a base that many share."""

import json
import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from govstack_sandbox.hosts.guest import Guest, HostFailed, guest_of
from govstack_sandbox.hosts.layer import BOARD, DRIVE
from govstack_sandbox.hosts.names import Names, tap
from govstack_sandbox.hosts.programs import run

LOGIN_ID: Final = 1000
"""The user of a base that people log in as, and that may become root."""
HOST_KEY: Final = "etc/ssh/ssh_host_ed25519_key"
FIRST_METRIC: Final = 100
INIT: Final = "usr/lib/systemd/systemd"
ROOT_ONLY: Final = frozenset({"board_serial", "chassis_serial", "product_serial", "product_uuid"})
"""What the kernel tells root alone."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one server, below the folder ``hosts`` of the cloud."""

    path: Path

    @property
    def upper(self) -> Path:
        """Return what the server has written, or we for it."""
        return self.path / "upper"

    @property
    def console(self) -> Path:
        """Return what the server prints."""
        return self.path / "console.log"

    @property
    def ended(self) -> Path:
        """Return the file that its launcher leaves when it ends."""
        return self.path / "ended"

    def exists(self) -> bool:
        """Tell whether the server is known here."""
        return (self.path / "guest.json").exists()

    def load(self) -> Guest:
        """Return what the server is.

        Raises:
            HostFailed: there is none.
        """
        try:
            return guest_of(json.loads((self.path / "guest.json").read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise HostFailed(f"there is no host {self.path.name}") from error

    def save(self, guest: Guest, names: Names) -> None:
        """Keep what the server is, also in the form that its launcher reads."""
        machine = names.machine(guest.uuid)
        texts = {
            "launch.env": self._variables(guest, names),
            "cloud.batch": [line for one in guest.interfaces for line in one.cloud_lines(machine)],
            "guest.batch": [
                line
                for place, one in enumerate(guest.interfaces)
                for line in one.guest_lines(FIRST_METRIC * place)
            ],
            "unplug.batch": [f"link delete {tap(one.port)}" for one in guest.interfaces],
            "binds": [f"{one.source} {one.target}" for one in guest.volumes],
            "guest.json": [json.dumps(guest.as_document(), indent=1)],
        }
        for name, lines in texts.items():
            temporary = self.path / f"{name}.new"
            temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            temporary.rename(self.path / name)

    def create(self, guest: Guest, names: Names, drive: Mapping[str, bytes]) -> None:
        """Write a new server's files; `drive` holds those of its configuration drive.

        Raises:
            HostFailed: its base is missing or damaged.
        """
        if not (Path(guest.base) / INIT).exists():
            raise HostFailed(f"the base {guest.base} is missing or damaged: it has no {INIT}")
        shutil.rmtree(self.path, ignore_errors=True)
        for name in ("upper", "work", "root"):
            (self.path / name).mkdir(parents=True)
        self.upper.chmod(0o755)
        self._put(guest, "/etc/hostname", f"{guest.name}\n".encode())
        self._put(guest, "/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {guest.name}\n".encode())
        resolvers = "".join(f"nameserver {address}\n" for address in guest.resolvers)
        self._put(guest, "/etc/resolv.conf", resolvers.encode())
        self._put_keys(guest)
        for name, content in drive.items():
            self._put(guest, f"{DRIVE}/{name}", content, mode=0o600)
        for name, text in guest.board.items():
            mode = 0o400 if name in ROOT_ONLY else 0o444
            self._put(guest, f"{BOARD}/{name}", f"{text}\n".encode(), mode=mode)
        (self.upper / HOST_KEY).parent.mkdir(parents=True, exist_ok=True)
        key = str(self.upper / HOST_KEY)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", guest.name, "-f", key)
        self.save(guest, names)

    def host_key(self) -> str:
        """Return the public key that the server shows to whoever logs in."""
        return (self.upper / f"{HOST_KEY}.pub").read_text(encoding="utf-8").strip()

    def remove(self) -> None:
        """Delete everything of the server."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _variables(self, guest: Guest, names: Names) -> list[str]:
        hosts = self.path.parent
        values = {
            "MACHINE": names.machine(guest.uuid),
            "UUID": guest.uuid,
            "NAME": guest.name,
            "BASE": guest.base,
            "LAYER": str(hosts / "layer"),
            "CLOUD": names.cloud,
            "PLUGGED": str(hosts / "plugged"),
            "GROUPS_OF_HOST": " ".join(str(group / guest.uuid) for group in names.groups),
        }
        return [f"{name}={shlex.quote(value)}" for name, value in values.items()]

    def _put_keys(self, guest: Guest) -> None:
        keys = "".join(f"{key.strip()}\n" for key in guest.keys).encode()
        path = f"{_home(Path(guest.base))}/.ssh/authorized_keys"
        self._put(guest, path, keys, mode=0o600)
        for part in (Path(path), Path(path).parent):
            os.chown(self.upper / part.relative_to("/"), LOGIN_ID, LOGIN_ID)

    def _put(self, guest: Guest, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """Write a file; new folders take owner and mode from the base, which they cover."""
        place = PurePosixPath(path).relative_to("/")
        for parent in reversed(list(place.parents)[:-1]):
            folder = self.upper / parent
            if not folder.exists():
                folder.mkdir()
                _take_after(Path(guest.base) / parent, folder)
        file = self.upper / place
        file.write_bytes(content)
        file.chmod(mode)


def _home(base: Path) -> str:
    """Return the home of the one who logs in."""
    for line in (base / "etc/passwd").read_text(encoding="utf-8").splitlines():
        name, _, number, _, _, home, _ = line.split(":")
        if name and int(number) == LOGIN_ID:
            return home
    raise HostFailed(f"the base {base} has no user {LOGIN_ID} who could log in")


def _take_after(original: Path, folder: Path) -> None:
    try:
        found = original.stat()
    except FileNotFoundError:
        folder.chmod(0o755)
        return
    folder.chmod(found.st_mode & 0o7777)
    os.chown(folder, found.st_uid, found.st_gid)
