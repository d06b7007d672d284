"""The figures of first light, as a table: `python benchmarks/first_light.py [--rounds N]`.

Runs the commands that a user types, on an embedded cloud of its own that is removed afterwards.
Creation is measured in rounds, govstack and openstacksdk in turn, so that all see the same
machine; ratios are those of the medians.
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
from functools import partial
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
        shutil.copytree(CHECKOUT / "tests" / "data" / "sites" / "yunzhou", self.site)
        self.state = folder / "state"
        self.variables = {
            **os.environ,
            "GOVSTACK_STATE_HOME": str(self.state),
            "GOVSTACK_UP_CLOUD_ONLY": "1",  # what it is compared with makes a cloud alone
        }

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


def measure_rounds(bench: Bench, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of creating the city in each way, in turn."""
    plan = make_plan(load_site(bench.site, "sandbox"))
    seconds: dict[str, list[float]] = {"govstack": [], "1 thread": [], "8 threads": []}
    for _ in range(rounds):
        seconds["govstack"].append(bench.seconds("up", "--yes"))
        bench.run("down", "--yes")
        for threads, way in ((1, "1 thread"), (8, "8 threads")):
            create = partial(by_openstacksdk.create, plan, bench.clouds, threads_at_once=threads)
            seconds[way].append(timed(create))
            by_openstacksdk.delete(plan, bench.clouds)
    return seconds


def measure(bench: Bench, rounds: int) -> None:
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
    medians = {way: statistics.median(all_) for way, all_ in measure_rounds(bench, rounds).items()}
    ours = medians.pop("govstack")
    row(f"up, 6 nodes, median of {rounds}", f"{ours:.1f} s", "")
    for way, theirs in medians.items():
        row(f"the same by openstacksdk, {way}", f"{theirs:.1f} s", "")
        row("  ratio of up to it", f"{ours / theirs:.2f}", "1.5")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often to create each way")
    rounds = parser.parse_args().rounds
    print(
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, govstack {version('govstack')}, "
        f"pulumi {version('pulumi')}, openstacksdk {version('openstacksdk')}\n"
    )
    row("what", "measured", "aim")
    with tempfile.TemporaryDirectory(prefix="govstack-bench-") as folder:
        bench = Bench(Path(folder))
        try:
            measure(bench, rounds)
        finally:
            bench.run("sandbox", "remove", "--yes")


if __name__ == "__main__":
    main()
