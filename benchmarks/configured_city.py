"""How long hosts take, as a table: `python benchmarks/configured_city.py [--site FOLDER]`.

Runs the commands that a user types, on an embedded cloud of its own that is removed afterwards:
bare hosts configured, asked, run again with and without mitogen, and all of it verified.  The
site is the reference city of 21 hosts; `--site tests/data/sites/yunzhou` has six.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil

CHECKOUT = Path(__file__).resolve().parent.parent
GOVSTACK = Path(sys.executable).parent / "govstack"
ROW: Final = "{:<52} {:>12} {:>10}"
STEPS: Final = (
    ("bare hosts configured", ("configure",), "360 s"),
    ("nothing changed, each host asked", ("configure",), "15 s"),
    ("all roles again on all hosts", ("configure", "--all"), "90 s"),
    ("the same without mitogen", ("configure", "--all", "--no-mitogen"), ""),
    ("verified: all paths and services", ("verify",), "30 s"),
    ("up, nothing to do", ("up", "--yes"), ""),
)


class City:
    """A copy of a site with an embedded cloud of its own."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.site = folder / site.name
        shutil.copytree(site, self.site)
        self.variables = {**os.environ, "GOVSTACK_STATE_HOME": str(folder / "state")}

    def seconds(self, *arguments: str) -> float:
        """Run a verb, which must succeed; return how long it took."""
        command = [str(GOVSTACK), "--quiet", "--site", str(self.site), *arguments]
        started = time.perf_counter()
        subprocess.run(command, env=self.variables, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started


def used_mb() -> float:
    """Return the memory that this machine uses, in MB."""
    memory = psutil.virtual_memory()
    return float(memory.total - memory.available) / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--site", type=Path, default=CHECKOUT / "inventories" / "yunzhou")
    site = parser.parse_args().site
    versions = (f"{name} {version(name)}" for name in ("govstack", "ansible-core", "mitogen"))
    system = f"{platform.system()} {platform.release()}, {os.cpu_count()} processors"
    print(f"{system}, Python {platform.python_version()}, {', '.join(versions)}\n")
    print(ROW.format("what", "measured", "aim"))
    with tempfile.TemporaryDirectory(prefix="govstack-bench-") as folder:
        city = City(site, Path(folder))
        try:
            made = city.seconds("up", "--yes", "--cloud-only")
            print(ROW.format("servers made", f"{made:.1f} s", ""), flush=True)
            before = used_mb()
            for title, words, aim in STEPS:
                print(ROW.format(title, f"{city.seconds(*words):.1f} s", aim), flush=True)
            more = used_mb() - before
            print(ROW.format("memory of all services on the hosts", f"{more:,.0f} MB", "4,096 MB"))
        finally:
            city.seconds("sandbox", "remove", "--yes")


if __name__ == "__main__":
    main()
