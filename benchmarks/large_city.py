"""How long it takes to load, check and plan a city, by its size: `python benchmarks/large_city.py`.

Each size is read by a new process, as by a verb; memory is the most that process had.
"""

import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

from govstack.plan.make import make_plan
from govstack.site.load import load_site

CITY = Path(__file__).resolve().parent.parent / "inventories" / "yunzhou"
SIZES = ("sandbox", "medium", "large")
ROUNDS = 3
MIB = 1024
ROW = "{:<10} {:>8} {:>8} {:>16} {:>10}"


def one(environment: str) -> None:
    """Load and plan one size; print systems, nodes, seconds and MiB."""
    started = time.perf_counter()
    plan = make_plan(load_site(CITY, environment))
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MIB
    nodes = sum(len(system.nodes) for system in plan.systems)
    print(len(plan.systems), nodes, f"{seconds:.2f}", memory)


def main() -> None:
    print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}\n")
    print(ROW.format("size", "systems", "nodes", "load and plan", "memory"))
    for size in SIZES:
        command = [sys.executable, __file__, size]
        runs = [
            subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            for _ in range(ROUNDS)
        ]
        systems, nodes, seconds, memory = max(runs, key=lambda run: float(run[2]))
        print(ROW.format(size, systems, nodes, f"{seconds} s", f"{memory} MiB"))
    print("\nworst of three; aims for large: 2.5 s, 400 MiB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(sys.argv[1])
    else:
        main()
