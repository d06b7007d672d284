"""The figures of first light, as a table: `python benchmarks/first_light.py [--pairs N]`.

Runs the commands that a user types, on an embedded cloud of its own that is removed afterwards.
Creation is measured in pairs, govstack and openstacksdk in turn, so that both see the same
machine; the ratio is that of the medians.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import by_openstacksdk

from govstack.plan.make import make_plan
from govstack.site.load import load_site

CHECKOUT = Path(__file__).resolve().parent.parent
GOVSTACK = Path(sys.executable).parent / "govstack"
ROW = "{:<52} {:>10} {:>10}"


class Bench:
    """A copy of the city with an embedded cloud of its own."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "yunzhou"
        shutil.copytree(CHECKOUT / "inventories" / "yunzhou", self.site)
        self.state = folder / "state"
        self.variables = {**os.environ, "GOVSTACK_STATE_HOME": str(self.state)}

    def run(self, *arguments: str) -> None:
        command = [str(GOVSTACK), "--quiet", "--site", str(self.site), *arguments]
        subprocess.run(command, env=self.variables, check=True, stdout=subprocess.DEVNULL)

    def seconds(self, *arguments: str) -> float:
        return timed(lambda: self.run(*arguments))

    @property
    def clouds(self) -> Path:
        return next(self.state.glob("yunzhou/*/clouds.yaml"))


def timed(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def row(title: str, measured: str, aim: str) -> None:
    print(ROW.format(title, measured, aim), flush=True)


def best_help(times: int = 10) -> float:
    command = [str(GOVSTACK), "--help"]
    return min(
        timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        for _ in range(times)
    )


def measure_pairs(bench: Bench, pairs: int) -> tuple[list[float], list[float]]:
    """Return the seconds of `pairs` creations by govstack and by openstacksdk."""
    plan = make_plan(load_site(bench.site, "sandbox"))
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(bench.seconds("up", "--yes"))
        bench.run("down", "--yes")
        theirs.append(timed(lambda: by_openstacksdk.create(plan, bench.clouds)))
        by_openstacksdk.delete(plan, bench.clouds)
    return ours, theirs


def measure(bench: Bench, pairs: int) -> None:
    row("govstack --help, best of 10", f"{best_help():.2f} s", "0.15 s")
    row(
        "sandbox start, first (environment is installed)",
        f"{bench.seconds('sandbox', 'start'):.1f} s",
        "60 s",
    )
    bench.run("sandbox", "stop")
    row("sandbox start, later", f"{bench.seconds('sandbox', 'start'):.1f} s", "15 s")
    row("sandbox reset", f"{bench.seconds('sandbox', 'reset', '--yes'):.1f} s", "30 s")
    bench.run("up", "--yes")
    again = [bench.seconds("up", "--yes") for _ in range(3)]
    row("second up, nothing to do, worst of 3", f"{max(again):.2f} s", "2 s")
    row("preview of everything, nothing to do", f"{bench.seconds('preview', '--all'):.2f} s", "")
    bench.run("down", "--yes")
    ours, theirs = measure_pairs(bench, pairs)
    row(f"up, 6 nodes, median of {pairs}", f"{statistics.median(ours):.1f} s", "")
    row(f"the same by openstacksdk, median of {pairs}", f"{statistics.median(theirs):.1f} s", "")
    ratio = statistics.median(ours) / statistics.median(theirs)
    row("ratio", f"{ratio:.2f}", "1.5")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3, help="how often to create each way")
    pairs = parser.parse_args().pairs
    print(
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, govstack {version('govstack')}, "
        f"pulumi {version('pulumi')}, openstacksdk {version('openstacksdk')}\n"
    )
    row("what", "measured", "aim")
    with tempfile.TemporaryDirectory(prefix="govstack-bench-") as folder:
        bench = Bench(Path(folder))
        try:
            measure(bench, pairs)
        finally:
            bench.run("sandbox", "remove", "--yes")


if __name__ == "__main__":
    main()
