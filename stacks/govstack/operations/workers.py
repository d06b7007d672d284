"""How many worker processes this machine carries."""

import os
from pathlib import Path
from typing import Final

PER_PROCESSOR: Final = 3
"""Workers mostly wait for the cloud."""

EACH_MIB: Final = 300
"""What a worker takes, with its engine and its two providers, at work on a system of 100 nodes."""

SHARE: Final = 0.5
"""How much of the memory that is free may be taken: others live here, too."""

MEMORY: Final = Path("/proc/meminfo")


def workers_at_once(processors: int, free_mib: float) -> int:
    """Return how many workers may be at work: by processors, as far as memory goes."""
    by_memory = int(free_mib * SHARE / EACH_MIB)
    return max(1, min(processors * PER_PROCESSOR, by_memory))


def workers_here() -> int:
    """Return how many workers this machine carries now."""
    return workers_at_once(os.cpu_count() or 1, _free_mib())


def _free_mib() -> float:
    """Return the memory that is free or can be freed at once."""
    for line in MEMORY.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024
    return float("inf")
