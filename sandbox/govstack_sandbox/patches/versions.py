"""Refuse to patch what was not looked at."""

from collections.abc import Mapping
from importlib import metadata


class UnexpectedVersion(RuntimeError):
    """A package is not the one that a patch was written for."""


def require(expected: Mapping[str, str]) -> None:
    """Check that exactly these versions are installed.

    Raises:
        UnexpectedVersion: names the package, both versions, and what to do.
    """
    for package, version in expected.items():
        installed = metadata.version(package)
        if installed != version:
            message = (
                f"{package} {installed} is installed, but govstack patches {version}: read the "
                "patch against the new code, run its test, then raise EXPECTED"
            )
            raise UnexpectedVersion(message)
