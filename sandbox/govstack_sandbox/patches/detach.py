"""Let nova detach volumes from servers on every host of this process.

nova compares a server's host with the one host that its configuration names, and leaves volumes
of other hosts alone.  Here one process is several hosts.
"""

from govstack_sandbox.patches.versions import require
from govstack_sandbox.services import COMPUTES

EXPECTED = {"nova": "34.0.0"}


class AnyOfOurs(str):
    """A host's name that equals those of all our hosts."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other):
        return other in COMPUTES or str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other


class Settings:
    """nova's settings, in which the host is any of ours."""

    def __init__(self, settings):
        self._settings = settings

    def __getattr__(self, name):
        value = getattr(self._settings, name)
        return AnyOfOurs(value) if name == "host" else value


def apply() -> None:
    """Patch the module that detaches."""
    require(EXPECTED)
    from nova.virt import block_device

    block_device.CONF = Settings(block_device.CONF)
