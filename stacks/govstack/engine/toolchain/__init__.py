"""The two programs that the engine runs: where they come from, and how to run them.

The Python packages of Pulumi hold neither its CLI nor a provider.  Both are taken from the
machine, from our cache or from the vendor, or else built from pinned Go modules, so that a
network with package mirrors only is enough.
"""

from govstack.engine.toolchain.find import find_toolchain, probe_toolchain
from govstack.engine.toolchain.home import environment
from govstack.engine.toolchain.model import Finding, Origin, Program, Toolchain

__all__ = [
    "Finding",
    "Origin",
    "Program",
    "Toolchain",
    "environment",
    "find_toolchain",
    "probe_toolchain",
]
