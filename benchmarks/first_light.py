"""The figures of first light, as a table: `python benchmarks/first_light.py [--rounds N]`.

Runs the commands that a user types, on an embedded cloud of its own that is removed afterwards.
Creation is measured in rounds, govstack, openstacksdk and Terraform in turn, so that all see the
same machine; ratios are those of the medians.  Terraform is left out, and that is told, where
there is neither `terraform` nor `tofu`.  With `--creation` nothing else is measured.
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
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

import by_openstacksdk
import by_terraform

from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.site.load import load_site
from govstack.site.model import PLATFORM

CHECKOUT = Path(__file__).resolve().parent.parent
GOVSTACK = Path(sys.executable).parent / "govstack"
CACHE: Final = Path(os.environ.get("GOVSTACK_CACHE_HOME", Path.home() / ".cache" / "govstack"))
ROW = "{:<52} {:>10} {:>10}"


AIMS: Final = {"openstacksdk, 8 threads": "1.25", "terraform apply": "1.0"}
Action = Callable[[], object]


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


def timed(action: Action) -> float:
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
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        seconds.setdefault("govstack", []).append(bench.seconds("up", "--yes"))
        bench.run("down", "--yes")
        for way, create, delete in others(bench, plan):
            seconds.setdefault(way, []).append(timed(create))
            delete()
    return seconds


def others(bench: Bench, plan: Plan) -> Iterator[tuple[str, Action, Action]]:
    """Yield each other way: what it is called, what makes the city, what removes it."""
    delete = partial(by_openstacksdk.delete, plan, bench.clouds)
    for threads, way in ((1, "openstacksdk, 1 thread"), (8, "openstacksdk, 8 threads")):
        create = partial(by_openstacksdk.create, plan, bench.clouds, threads_at_once=threads)
        yield way, create, delete
    if by_terraform.known_terraform():
        with tempfile.TemporaryDirectory(prefix="govstack-bench-") as folder:
            terraform = by_terraform.prepare(
                plan, Path(folder) / "city", clouds=bench.clouds, cloud=PLATFORM, cache=CACHE
            )
            yield "terraform apply", terraform.apply, terraform.destroy


def measure(bench: Bench) -> None:
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


def measure_creation(bench: Bench, rounds: int) -> None:
    medians = {way: statistics.median(all_) for way, all_ in measure_rounds(bench, rounds).items()}
    ours = medians.pop("govstack")
    row(f"up, 6 nodes, median of {rounds}", f"{ours:.1f} s", "")
    for way, theirs in medians.items():
        row(f"the same by {way}", f"{theirs:.1f} s", "")
        row("  ratio of up to it", f"{ours / theirs:.2f}", AIMS.get(way, ""))
    if not by_terraform.known_terraform():
        row("the same by terraform apply: no terraform or tofu on PATH", "", "1.0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often to create each way")
    parser.add_argument("--creation", action="store_true", help="measure creation only")
    options = parser.parse_args()
    program = by_terraform.known_terraform()
    beside = by_terraform.version(program) if program else "no Terraform"
    print(
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, govstack {version('govstack')}, "
        f"pulumi {version('pulumi')}, openstacksdk {version('openstacksdk')}, {beside}\n"
    )
    row("what", "measured", "aim")
    with tempfile.TemporaryDirectory(prefix="govstack-bench-") as folder:
        bench = Bench(Path(folder))
        try:
            if not options.creation:
                measure(bench)
            measure_creation(bench, options.rounds)
        finally:
            bench.run("sandbox", "remove", "--yes")


if __name__ == "__main__":
    main()
