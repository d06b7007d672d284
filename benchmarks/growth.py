"""How cost grows with the city: `python benchmarks/growth.py [--picture]`.

Cities of 100 to 3,000 nodes in systems of 25 are brought up on a cloud on paper, looked at again
with nothing changed and with one system changed, and previewed whole.  With `--picture`, the chart
goes to docs/pictures/growth.svg.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path
from typing import Final

from chart import chart
from paper_city import CHECKOUT, made_city, named, serving, system_text

NODES: Final = (100, 300, 1000, 3000)
EACH: Final = 25
ROUNDS: Final = 3
ROW: Final = "{:>7} {:>8} {:>10} {:>15} {:>13} {:>13} {:>9} {:>6}"


def measured(folder: Path, clouds: Path, nodes: int) -> tuple[dict[str, float], float]:
    """Return the seconds of each verb in a city of so many nodes, and the most memory in MiB."""
    systems = nodes // EACH
    city = made_city(folder, clouds, systems=systems, nodes=EACH)
    made = city.run("up", "--yes")
    whole = city.run("preview", "--all")
    unchanged = min(city.run("preview").seconds for _ in range(ROUNDS))
    last = systems - 1
    city.written(named(last), system_text(last, EACH, flavor="medium"))
    changed = min(city.run("preview").seconds for _ in range(ROUNDS))
    seconds = {
        "up": made.seconds,
        "preview --all": whole.seconds,
        "one changed": changed,
        "none changed": unchanged,
    }
    return seconds, max(made.memory, whole.memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", action="store_true", help="write the chart for the documents")
    parser.add_argument("--most", type=int, default=NODES[-1], help="leave larger cities out")
    options = parser.parse_args()
    print(
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}\n"
    )
    titles = ("nodes", "systems", "up", "preview --all", "one changed", "none changed")
    print(ROW.format(*titles, "memory", "load"))
    lines: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="govstack-bench-") as name:
        folder = Path(name)
        for nodes in (each for each in NODES if each <= options.most):
            with serving(folder) as clouds:
                seconds, memory = measured(folder, clouds, nodes)
            shown = [f"{value:.2f} s" for value in seconds.values()]
            load = f"{os.getloadavg()[0]:.1f}"
            print(ROW.format(nodes, nodes // EACH, *shown, f"{memory:.0f} MiB", load), flush=True)
            for verb, value in seconds.items():
                lines.setdefault(verb, []).append((nodes, value))
    if options.picture:
        target = CHECKOUT / "docs" / "pictures" / "growth.svg"
        target.write_text(
            chart("Growth with the city", "nodes", "seconds", lines), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
