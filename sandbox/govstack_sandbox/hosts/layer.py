"""The layer between a base and a server's own files: what every host of ours needs.

Above all it holds copies of the kernel's settings that have no namespace.  A unit puts them over
the real ones, so that whatever hardens a host can write and read back, and the machine's own
settings stay as they are.  It guards against software that means well, not against malice: root
inside a host is root of this machine.
"""

import shutil
from pathlib import Path
from typing import Final

COMPLETE: Final = ".complete"
SETTINGS: Final = Path("/proc/sys")
SHARED: Final = ("kernel", "vm", "fs")
"""The settings that all hosts of one kernel share."""
LONGEST: Final = 65_536
COPIES: Final = "usr/lib/govstack/settings"
CLASSES: Final = "/usr/lib/govstack/classes"
BOARD: Final = f"{CLASSES}/dmi/id"
"""What a machine's firmware tells of it; it covers what this machine's own tells."""
DRIVE: Final = "/var/lib/cloud/seed/config_drive/openstack/latest"
"""Where software that knows cloud servers looks for a configuration drive's files."""

UNITS: Final = {
    "govstack-settings.service": """\
[Unit]
Description=Own copies of the kernel settings that hosts share
DefaultDependencies=no
Before=systemd-sysctl.service sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /usr/lib/govstack/settings.sh
[Install]
WantedBy=sysinit.target
""",
    "govstack-user-data.service": f"""\
[Unit]
Description=The server's user data, run once
After=network.target
ConditionPathExists={DRIVE}/user_data
ConditionPathExists=!/var/lib/cloud/user-data-was-run
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /usr/lib/govstack/user-data.sh
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target
""",
}
WANTED: Final = {
    "govstack-settings.service": "sysinit.target.wants",
    "govstack-user-data.service": "multi-user.target.wants",
}
MASKED: Final = (
    "systemd-ask-password-console.path",
    "systemd-ask-password-wall.path",
    "systemd-logind.service",
)
"""Units that have nothing to do in a host, and use up what the kernel gives all hosts together.

Each takes one of the inotify instances that all processes of a user share, mostly 128: where there
is none left, the first process of a host ends at once with code 255.
"""
SCRIPTS: Final = {
    "settings.sh": f"""\
set -e
cp -r /usr/lib/govstack/settings /run/govstack-settings
# These two are the host's own, and the first must differ at each boot.
cat /proc/sys/kernel/random/boot_id >/run/govstack-settings/kernel/random/boot_id
cat /proc/sys/kernel/hostname >/run/govstack-settings/kernel/hostname
for area in kernel vm fs; do mount --bind "/run/govstack-settings/$area" "/proc/sys/$area"; done
if [ -d {CLASSES} ]; then
    mount -t overlay -o lowerdir={CLASSES}:/sys/class classes /sys/class
fi
""",
    "user-data.sh": f"""\
touch /var/lib/cloud/user-data-was-run
case $(head -c 2 {DRIVE}/user_data) in
'#!') install -m 700 {DRIVE}/user_data /run/user-data && exec /run/user-data ;;
*) echo "user data that is no script is not run here" ;;
esac
""",
}
FILES: Final = {
    # Only the key that is a server's own: those of the base are the same everywhere.
    "etc/ssh/sshd_config.d/10-govstack.conf": """\
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin no
PasswordAuthentication no
UseDNS no
""",
    # The clock is the machine's: it is measured and told to others here, and left as it is.
    "etc/systemd/system/chrony.service.d/govstack.conf": """\
[Unit]
ConditionCapability=
[Service]
ExecStart=
ExecStart=!/usr/sbin/chronyd -x -F 1
""",
}


def write_layer(folder: Path) -> None:
    """Write the layer, unless it is there."""
    if (folder / COMPLETE).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    _write_units(folder / "etc/systemd/system")
    for name, text in SCRIPTS.items():
        _write(folder / "usr/lib/govstack" / name, text)
    for name, text in FILES.items():
        _write(folder / name, text)
    for area in SHARED:
        _copy_settings(area, folder / COPIES)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / COMPLETE).touch()


def _write_units(units: Path) -> None:
    for name, text in UNITS.items():
        _write(units / name, text)
        wanted = units / WANTED[name] / name
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.symlink_to(f"../{name}")
    for name in MASKED:
        (units / name).symlink_to("/dev/null")


def _copy_settings(area: str, target: Path) -> None:
    for path in (SETTINGS / area).rglob("*"):
        copy = target / path.relative_to(SETTINGS)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif path.stat().st_mode & 0o444:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(_content(path))


def _content(path: Path) -> bytes:
    """Return what a setting reads as; some refuse, and are empty then."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST)
    except OSError:
        return b""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
