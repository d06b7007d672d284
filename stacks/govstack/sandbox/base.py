"""What servers are made from when they are real hosts: a base, made once and shared.

It lies in the user's cache, named by what it consists of, complete or not at all.  Mostly it is a
Debian; one more is configured like a system of the RPM family, and made where a site asks for it.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import CapacityExceeded, SandboxFailed
from govstack.sandbox.programs import Progress, clean_environment, run_step
from govstack.sandbox.turns import one_at_a_time
from govstack.values.observer import Observer

NAME: Final = "debian-12"
SUITE: Final = "bookworm"
PACKAGES: Final = (
    *("ca-certificates", "dbus", "iproute2", "iputils-ping", "libpam-systemd", "nftables"),
    *("openssh-server", "python3", "sudo", "systemd", "systemd-sysv"),
    # What roles install, so that hosts need no way to a package repository before they have one.
    *("apt-utils", "auditd", "bind9", "bind9-dnsutils", "borgbackup", "chrony", "cron", "curl"),
    *("gnupg", "gunicorn", "haproxy", "keepalived", "lemonldap-ng-fastcgi-server"),
    *("libcrypt-openssl-bignum-perl", "libio-string-perl", "liblemonldap-ng-portal-perl"),
    *("libpam-modules", "libpam-oath", "libpam-pwquality", "libstring-random-perl", "logrotate"),
    *("nginx-light", "openssl", "postgresql", "postgresql-15-pgaudit", "prometheus"),
    *("prometheus-alertmanager", "prometheus-node-exporter", "python3-apt", "python3-pika"),
    *("python3-psycopg2", "python3-pykcs11", "rabbitmq-server", "redis-server", "rsyslog"),
    *("rsyslog-gnutls", "softhsm2", "tlog", "tzdata"),
)
ENABLED: Final = ("ssh.service", "cron.service", "logrotate.timer")
"""All that starts by itself; whatever else is installed waits until a role enables it."""
PRESETS: Final = "/etc/systemd/system-preset"
PRESET: Final = "".join(f"enable {unit}\\n" for unit in ENABLED) + "disable *\\n"
PREPARATIONS: Final = (
    f'mkdir -p "$1{PRESETS}" && printf "{PRESET}" >"$1{PRESETS}/00-govstack.preset"',
    'chroot "$1" systemctl preset-all',
    f'rm "$1{PRESETS}/00-govstack.preset"',
    # The one who logs in, and may become root: as cloud images of this system have it.
    'chroot "$1" useradd --create-home --uid 1000 --shell /bin/bash debian',
    'echo "debian ALL=(ALL) NOPASSWD:ALL" >"$1/etc/sudoers.d/debian"',
    'chmod 440 "$1/etc/sudoers.d/debian"',
    # What must differ from host to host is not to come from here.
    'rm -f "$1"/etc/ssh/ssh_host_*',
    ': >"$1/etc/machine-id"',
)
RPM_NAME: Final = "openeuler-24.03"
RPM_PACKAGES: Final = (
    *("ca-certificates", "dbus", "iproute2", "iputils-ping", "libpam-systemd", "nftables"),
    *("openssh-server", "python3", "sudo", "systemd", "systemd-sysv"),
    # The package manager, what makes packages for it, and what they are made of.
    *("createrepo-c", "dnf", "python3-dnf", "rpm"),
    *("auditd", "chrony", "cron", "curl", "libpam-modules", "libpam-pwquality", "logrotate"),
    *("openssl", "rsyslog", "rsyslog-gnutls", "tzdata"),
)
RPM_FOLDER: Final = Path(__file__).parent / "rpm"
"""What turns the files of those packages into RPMs, and a table of these."""
RPM_PREPARATIONS: Final = (
    'chroot "$1" env PATH=/usr/sbin:/usr/bin python3 -B /srv/rpm/repack.py',
    # The clock is the machine's: it is measured and told to others, and left as it is.
    'mkdir "$1/etc/systemd/system/chronyd.service.d"',
    'cp "$1/srv/rpm/chronyd.conf" "$1/etc/systemd/system/chronyd.service.d/govstack.conf"',
    'rm -r "$1/srv/rpm"',
    'chroot "$1" groupadd --system wheel',
    'chroot "$1" useradd --create-home --uid 1000 --groups wheel --shell /bin/bash openeuler',
    'echo "openeuler ALL=(ALL) NOPASSWD:ALL" >"$1/etc/sudoers.d/90-cloud-users"',
    'chmod 440 "$1/etc/sudoers.d/90-cloud-users"',
    'rm -f "$1"/etc/ssh/ssh_host_*',
    ': >"$1/etc/machine-id"',
)
NEEDED_BYTES: Final = 2_000_000_000
"""What the base takes, and what is needed besides while it is made."""
COMPLETE: Final = "complete"
MOUNTS: Final = Path("/proc/self/mountinfo")
DIGITS: Final = 16
STEP: Final = "sandbox-base"
STAGES: Final = ("downloading packages", "extracting", "installing", "cleaning")
"""What the maker says of its own progress, in this order."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a base is made.

    Attributes:
        name: its system and version; images that ask for this system get it.
        packages: of Debian, with all that they need.
        preparations: what is done to it then; ``$1`` is its folder.
        folder: what those find in ``/srv``, if anything.
    """

    name: str
    packages: tuple[str, ...]
    preparations: tuple[str, ...]
    folder: Path | None = None

    @property
    def digest(self) -> str:
        """Return what tells it from others, and from itself before it was changed."""
        parts = "\n".join((SUITE, *self.packages, *self.preparations, *self._content()))
        return hashlib.sha256(parts.encode()).hexdigest()[:DIGITS]

    def _content(self) -> Iterator[str]:
        if self.folder is not None:
            for path in sorted(self.folder.rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    yield str(path.relative_to(self.folder))
                    yield path.read_text(encoding="utf-8")


DEBIAN: Final = Recipe(NAME, PACKAGES, PREPARATIONS)
OPENEULER: Final = Recipe(RPM_NAME, RPM_PACKAGES, RPM_PREPARATIONS, RPM_FOLDER)
RECIPES: Final = {"openeuler": OPENEULER}
"""The bases that are made where an image asks for them, by its ``os_distro``."""


def base_of(cache: Path, recipe: Recipe = DEBIAN) -> Path:
    """Return the folder of the base's files, made or not."""
    return cache / "sandbox" / f"base-{recipe.name}-{recipe.digest}" / "tree"


def is_complete(base: Path) -> bool:
    """Tell whether a base was made to its end and is still there."""
    return (base.parent / COMPLETE).exists() and (base / "usr/lib/systemd/systemd").exists()


def ensure_base(cache: Path, observer: Observer, recipe: Recipe = DEBIAN) -> Path:
    """Make the base if it is missing or damaged; return its folder.

    Raises:
        CapacityExceeded: the disk has not enough room.
        SandboxFailed: it could not be made; holds what the maker said.
    """
    base = base_of(cache, recipe)
    if is_complete(base):
        return base
    base.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with one_at_a_time(base.parent.with_name(f"{base.parent.name}.lock"), observer):
        if not is_complete(base):
            _check_room(cache)
            _make(base, observer, recipe)
    return base


def command(base: Path, recipe: Recipe = DEBIAN) -> list[str]:
    """Return the command that makes a base."""
    hooks = [f"--customize-hook={line}" for line in recipe.preparations]
    if recipe.folder is not None:
        # Nothing is left then of what the maker would clean up.
        hooks = [
            "--skip=cleanup/apt",
            "--skip=cleanup/mmdebstrap",
            f"--customize-hook=copy-in {recipe.folder} /srv",
            *hooks,
        ]
    return [
        # What it mounts goes with it, also when it fails: nothing is to be found behind a mount.
        *("unshare", "--mount", "--propagation", "private"),
        *("mmdebstrap", "--mode=root", "--variant=minbase"),
        *("--aptopt=APT::Install-Recommends false", "--dpkgopt=path-exclude=/usr/share/doc/*"),
        *("--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*"),
        f"--include={','.join(recipe.packages)}",
        *hooks,
        SUITE,
        str(base),
    ]


def _make(base: Path, observer: Observer, recipe: Recipe) -> None:
    _check_mounts(base)
    shutil.rmtree(base, ignore_errors=True)
    log = base.parent / "make.log"
    log.unlink(missing_ok=True)
    (base.parent / COMPLETE).unlink(missing_ok=True)
    title = f"Make the system that servers are made from ({recipe.name})"
    with run_step(STEP, title, log, observer) as run:
        proxies = {name: value for name, value in os.environ.items() if name.endswith("_proxy")}
        run(command(base, recipe), clean_environment() | proxies, count=_stage_of)
        base.chmod(0o755)
        (base.parent / COMPLETE).touch()


def _stage_of(line: str) -> Progress | None:
    """Find the stage that a line of the maker's output begins."""
    for place, stage in enumerate(STAGES, 1):
        if line.startswith("I: ") and stage in line:
            return Progress(stage, place, len(STAGES))
    return None


def _check_mounts(base: Path) -> None:
    """Refuse to remove a base that something is mounted in: the removal would go on behind it."""
    places = [line.split()[4] for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    mounted = [place for place in places if Path(place).is_relative_to(base)]
    if mounted:
        raise SandboxFailed(
            f"the base in {base} cannot be made anew: something is mounted at {mounted[0]}",
            hint=f"umount {' '.join(reversed(mounted))}",
        )


def _check_room(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < NEEDED_BYTES:
        raise CapacityExceeded(
            f"the base of servers needs {NEEDED_BYTES / 1e9:.1f} GB in {cache}, "
            f"where {free / 1e9:.1f} GB are free",
            hint="make room there, or name another folder by GOVSTACK_CACHE_HOME",
        )
