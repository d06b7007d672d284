"""Previews beside Terraform's plans: `python benchmarks/preview.py [--rounds N] [--no-large]`.

Everything stands on a cloud on paper (`paper_cloud.py`), made there by the real engine and by
Terraform with the same provider code; previews and plans (`-refresh=false`, one module for each
system) are then measured in turn, so that both see the same machine.  Figures are medians.
With `--small` only 500 resources are compared.
"""

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import by_terraform
from by_terraform import Terraform
from paper_city import City, Run, made_city, reference_city, serving, watched

CACHE: Final = Path(os.environ.get("GOVSTACK_CACHE_HOME", Path.home() / ".cache" / "govstack"))
ROW: Final = "{:<58} {:>10} {:>10} {:>8}"
NODES: Final = 18
"""With its network, group, rules, project and quotas, such a system has about 50 resources."""

AT_ONCE: Final = 200
"""How much of its state Terraform makes at once: its provider waits 3 seconds for each thing."""

CHANGED: Final = "app-soc"
"""A system of the large city with 100 nodes."""


def row(title: str, measured: str, aim: str = "") -> None:
    load = f"{os.getloadavg()[0]:.1f}"
    print(ROW.format(title, measured, aim, load), flush=True)


def prepared(city: City, folder: Path) -> Terraform:
    """Make the city twice: by govstack and by Terraform."""
    city.run("up", "--yes")
    terraform = by_terraform.prepare(
        city.plan, folder, clouds=city.clouds, cloud="paper", cache=CACHE
    )
    terraform.apply(at_once=AT_ONCE)
    return terraform


def paired(rounds: int, *actions: Callable[[], Run]) -> list[Run]:
    """Return the medians of each action, done in turn."""
    measured = [[action() for action in actions] for _ in range(rounds)]
    return [medians(column) for column in zip(*measured, strict=True)]


def medians(runs: Sequence[Run]) -> Run:
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.computing for run in runs),
        max(run.memory for run in runs),
    )


def planned(terraform: Terraform) -> Run:
    return watched(terraform.planning, terraform.variables, terraform.folder)


def took(run: Run) -> str:
    return f"{run.seconds:.2f} s"


def whole(folder: Path, clouds: Path, systems: int, aim: str, rounds: int) -> None:
    """Compare the preview of everything with a plan."""
    city = made_city(folder, clouds, systems=systems, nodes=NODES)
    terraform = prepared(city, folder / f"terraform-{systems}")
    number = by_terraform.resources_of(terraform.folder)
    ours, theirs = paired(
        rounds,
        lambda: city.run("preview", "--all"),
        lambda: planned(terraform),
    )
    row(f"preview --all, {number} resources, {systems} systems", took(ours))
    row("  terraform plan", took(theirs))
    row("  ratio", f"{ours.seconds / theirs.seconds:.2f}", aim)
    row("  computing of preview --all", f"{ours.computing:.2f} s")
    row("  computing of terraform plan", f"{theirs.computing:.2f} s")
    row("  ratio of computing", f"{ours.computing / theirs.computing:.2f}")


def unchanged(folder: Path, clouds: Path, rounds: int) -> None:
    """Measure a preview of the medium city in which nothing has changed."""
    city = reference_city(folder, clouds, "medium")
    city.run("up", "--yes")
    (ours,) = paired(rounds, lambda: city.run("preview"))
    row("preview of the medium city, nothing changed", took(ours), "1.5 s")


def changed(folder: Path, clouds: Path, rounds: int) -> None:
    """Compare the preview of one changed system with a plan of the whole large city."""
    city = reference_city(folder, clouds, "medium", "large")
    made = city.run("up", "--yes")
    terraform = by_terraform.prepare(
        city.plan, folder / "terraform-large", clouds=clouds, cloud="paper", cache=CACHE
    )
    terraform.apply(at_once=AT_ONCE)
    environment = city.site / "environments" / "paper.yaml"
    before = environment.read_text(encoding="utf-8")
    change = f"systems: {{{CHANGED}: {{nodes: {{app: {{flavor: db}}}}}}}}\n"
    environment.write_text(before + change, encoding="utf-8")
    nodes = len(next(each for each in city.plan.systems if each.id == CHANGED).nodes)
    number = by_terraform.resources_of(terraform.folder)
    by_terraform.write(city.plan, terraform.folder, "paper")
    ours, theirs = paired(rounds, lambda: city.run("preview"), lambda: planned(terraform))
    row(f"preview, a system of {nodes} nodes changed in the large city", took(ours), "3 s")
    row(f"  terraform plan of the whole, {number} resources", took(theirs))
    row("  how many times faster", f"{theirs.seconds / ours.seconds:.1f}", "5")
    environment.write_text(before, encoding="utf-8")
    everything = city.run("preview", "--all")
    row("preview --all of the large city", f"{everything.seconds:.1f} s")
    row("  memory of all its processes", f"{everything.memory:.0f} MiB", "2048")
    row("up of the large city on paper", f"{made.seconds:.0f} s")
    row("  memory of all its processes", f"{made.memory:.0f} MiB", "2048")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often to measure each")
    parser.add_argument("--no-large", action="store_true", help="leave the large city out")
    parser.add_argument("--small", action="store_true", help="compare 500 resources, no more")
    options = parser.parse_args()
    program = by_terraform.find_terraform()
    print(
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, govstack {version('govstack')}, "
        f"pulumi {version('pulumi')}, {by_terraform.version(program)}\n"
    )
    print(ROW.format("what", "measured", "aim", "load"))
    with tempfile.TemporaryDirectory(prefix="govstack-bench-") as name:
        folder = Path(name)
        with serving(folder) as clouds:
            whole(folder, clouds, 10, "1.5", options.rounds)
            if options.small:
                return
            whole(folder, clouds, 40, "1.0", options.rounds)
            unchanged(folder, clouds, options.rounds)
            if not options.no_large:
                changed(folder, clouds, options.rounds)


if __name__ == "__main__":
    main()
