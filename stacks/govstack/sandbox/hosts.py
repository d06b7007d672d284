"""Whether servers of an embedded cloud are real hosts, and what they need of this machine.

It is decided when a cloud is made: a file beside its ports says so for as long as it is there.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.resources import resource
from govstack.sandbox.base import NAME, RECIPES, ensure_base
from govstack.sandbox.layout import Layout
from govstack.sandbox.programs import clean_environment, telling_lines
from govstack.values.observer import Note, Observer

FORMAT: Final = 1
PROGRAMS: Final = {
    "systemd-nspawn": "systemd-container",
    "nft": "nftables",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "unshare": "util-linux",
    "ssh-keygen": "openssh-client",
}
"""What must be there, and the package of Debian that it comes with."""
PROBE: Final = (
    'mount -t tmpfs none "$1" && mkdir "$1/l" && mount -t overlay probe -o '
    '"lowerdir=$1/l,upperdir=$2/u,workdir=$2/w" "$1/l"'
)
"""Whether layers can be put over each other where the cloud lies, in namespaces of its own."""


INSTANCES: Final = Path("/proc/sys/fs/inotify/max_user_instances")
INSTANCES_OF_HOST: Final = 4
INSTANCES_OF_OTHERS: Final = 20
MOST: Final = 64
"""More than these do not become hosts: each takes 15 MiB before it does anything."""


def most_hosts() -> int:
    """Return how many hosts this machine can have: all of them share what its kernel gives root."""
    try:
        instances = int(INSTANCES.read_text(encoding="ascii"))
    except OSError:
        return MOST
    return max(0, min(MOST, (instances - INSTANCES_OF_OTHERS) // INSTANCES_OF_HOST))


def has_hosts(root: Path) -> bool:
    """Tell whether servers of this cloud are real hosts."""
    return Layout(root).hosts.exists()


def has_bases(root: Path, systems: Collection[str]) -> bool:
    """Tell whether a cloud has the bases that these systems need, or needs none."""
    wanted = {recipe.name for name, recipe in RECIPES.items() if name in systems}
    return not has_hosts(root) or wanted <= _bases(Layout(root)).keys()


def lacking(root: Path) -> str:
    """Say what this machine lacks for real hosts, nothing if it lacks nothing."""
    if os.geteuid():
        return "govstack does not run as root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        packages = " ".join(sorted({PROGRAMS[name] for name in missing}))
        return f"{', '.join(missing)} is not installed (on Debian: apt install {packages})"
    if not any(Path("/sys/fs/cgroup", name).exists() for name in ("unified", "cgroup.controllers")):
        return "control groups of version 2 are not mounted"
    return _probe(root)


def prepare(root: Path, observer: Observer, *, cache: Path, systems: Collection[str] = ()) -> None:
    """Decide for a cloud that is to be made; for one that is there, see that its bases are.

    Args:
        root: the cloud's folder.
        observer: what is told of the progress.
        cache: the folder with the bases.
        systems: what images are of, by their ``os_distro``; some have a base of their own.

    Raises:
        SandboxFailed: its servers are hosts, and this machine lacks what they need now.
        CapacityExceeded: the base does not fit on the disk.
    """
    layout = Layout(root)
    if layout.cloud.exists() and not layout.hosts.exists():
        return
    lacks = lacking(root)
    if lacks and layout.hosts.exists():
        raise SandboxFailed(
            f"the servers of this embedded cloud are real hosts, but {lacks}",
            hint="give the machine what it lacks; or govstack sandbox reset, which makes a "
            "cloud without hosts and loses all that is in this one",
        )
    if lacks:
        observer.notify(Note(f"Servers will be entries without hosts: {lacks}"))
        return
    recipes = [recipe for name, recipe in sorted(RECIPES.items()) if name in systems]
    bases = _bases(layout) | {NAME: str(ensure_base(cache, observer))}
    bases |= {each.name: str(ensure_base(cache, observer, each)) for each in recipes}
    layout.hosts.write_text(json.dumps({"format": FORMAT, "bases": bases}), encoding="utf-8")


def base_for(root: Path, system: str) -> str:
    """Return the base of a cloud's hosts with an operating system, by its ``os_distro``."""
    bases = _bases(Layout(root))
    recipe = RECIPES.get(system)
    return bases[recipe.name if recipe and recipe.name in bases else NAME]


def _bases(layout: Layout) -> dict[str, str]:
    """Return the folders of a cloud's bases by name, none of a cloud that is to be made."""
    if not layout.hosts.exists():
        return {}
    found: dict[str, str] = json.loads(layout.hosts.read_text(encoding="utf-8"))["bases"]
    return found


def clear(root: Path) -> None:
    """End the hosts of a cloud that does not run, and all that the kernel holds of them.

    Raises:
        SandboxFailed: something is left; says what.
    """
    if not has_hosts(root):
        return
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "govstack_sandbox", "clear-hosts", str(root)],
        env=clean_environment() | {"PYTHONPATH": str(resource("sandbox"))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SandboxFailed(
            f"hosts of the embedded cloud could not be ended:\n{telling_lines(done.stderr)}",
            hint="try govstack sandbox stop once more",
        )


def _probe(root: Path) -> str:
    """Try what hosts need, in namespaces that vanish with the trial."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix="probe-") as scratch:
        place = Path(scratch)
        for name in ("m", "u", "w"):
            (place / name).mkdir()
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                [
                    *("unshare", "--mount", "--net", "--propagation", "private"),
                    *("sh", "-c", PROBE, "probe", str(place / "m"), str(place)),
                ],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            # The trial leaves an empty folder that its owner may not enter.
            shutil.rmtree(place / "w", ignore_errors=True)
    return "" if done.returncode == 0 else f"the kernel refuses: {done.stderr.strip()}"
