"""What this machine must have: one function for each prerequisite."""

import locale
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from govstack import sandbox
from govstack.engine.toolchain import Finding
from govstack.operations.report_machine import Check, Verdict

OLDEST_PYTHON: Final = (3, 11)
GIB: Final = 2**30
CACHE_GIB: Final = 4
"""Room for the embedded cloud's environment, and for the toolchain's sources while it is built."""

MEMORY_GIB: Final = 1.5
"""The embedded cloud, and the engine beside it."""


def python() -> Check:
    """Check the version of Python."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    fits = sys.version_info >= OLDEST_PYTHON
    return Check(
        name="Python",
        verdict=Verdict.OK if fits else Verdict.FAILED,
        found=f"{version} ({sys.executable})",
        purpose="runs govstack",
        mend="" if fits else "install Python 3.11 or newer and make the environment again",
    )


def environments() -> Check:
    """Check that Python can make virtual environments."""
    able = find_spec("venv") is not None and find_spec("ensurepip") is not None
    return Check(
        name="Python environments",
        verdict=Verdict.OK if able else Verdict.FAILED,
        found="venv with pip" if able else "this Python has no ensurepip",
        purpose="installs the embedded cloud",
        mend="" if able else "on Debian: apt install python3-venv",
    )


def encoding() -> Check:
    """Check that Chinese names can be shown."""
    name = locale.getpreferredencoding(do_setlocale=False)
    fits = name.lower().replace("-", "") == "utf8"
    return Check(
        name="Text encoding",
        verdict=Verdict.OK if fits else Verdict.WARNING,
        found=name,
        purpose="shows names in Chinese",
        mend="" if fits else "set LANG=C.UTF-8",
    )


def memory() -> Check:
    """Check that the embedded cloud fits into the memory."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB
    fits = total >= MEMORY_GIB
    return Check(
        name="Memory",
        verdict=Verdict.OK if fits else Verdict.WARNING,
        found=f"{total:.1f} GiB, of which {free:.1f} GiB unused",
        purpose="carries the embedded cloud",
        mend="" if fits else f"{MEMORY_GIB} GiB are needed for the embedded cloud",
    )


def disk(cache: Path) -> Check:
    """Check that the cache has room for what is made there once."""
    free = shutil.disk_usage(_existing(cache)).free / GIB
    fits = free >= CACHE_GIB
    return Check(
        name="Disk",
        verdict=Verdict.OK if fits else Verdict.WARNING,
        found=f"{free:.1f} GiB free at {cache}",
        purpose="keeps toolchain and embedded cloud, made once",
        mend="" if fits else f"free {CACHE_GIB} GiB, or set GOVSTACK_CACHE_HOME to a larger disk",
    )


def state(home: Path) -> Check:
    """Check that the state's folder is ours alone."""
    place = _existing(home)
    writable = os.access(place, os.W_OK | os.X_OK)
    open_to_others = home.exists() and bool(home.stat().st_mode & 0o077)
    mend = ""
    if not writable:
        mend = "set GOVSTACK_STATE_HOME to a folder of your own"
    elif open_to_others:
        mend = f"chmod 700 {home}"
    return Check(
        name="State",
        verdict=_verdict(failed=not writable, warned=open_to_others),
        found=f"{home}{'' if writable else ', which cannot be written'}",
        purpose="keeps stacks, passwords and records",
        mend=mend,
    )


def program(finding: Finding) -> Check:
    """Tell where a program of the engine would come from."""
    names = {"pulumi": "Pulumi CLI", "provider": "OpenStack provider"}
    return Check(
        name=names.get(finding.name, finding.name),
        verdict=_verdict(failed=not finding.available, warned=finding.program is None),
        found=f"{finding.version}: {'; '.join(finding.reasons)}",
        purpose="carries out changes",
        mend=finding.hint or ("" if finding.program else "nothing to do: it is got when needed"),
    )


def embedded_cloud(cache: Path) -> Check:
    """Tell whether the embedded cloud is installed."""
    there = sandbox.installed(cache)
    return Check(
        name="Embedded cloud",
        verdict=Verdict.OK if there else Verdict.WARNING,
        found="installed" if there else "not installed yet",
        purpose="OpenStack for development and tests",
        mend="" if there else "nothing to do: it is installed when needed",
    )


def _existing(path: Path) -> Path:
    """Return the path, or its nearest parent that exists."""
    return next(each for each in (path, *path.parents) if each.exists())


def _verdict(*, failed: bool, warned: bool) -> Verdict:
    if failed:
        return Verdict.FAILED
    return Verdict.WARNING if warned else Verdict.OK
