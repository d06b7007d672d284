"""What a verb acts on: a site's folder, an environment, the places for state and cache."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A site folder with an environment; `state_home` and `cache_home` are per user.

    `waits` tells whether to wait while another run holds the environment.
    """

    root: Path
    environment: str
    state_home: Path
    cache_home: Path
    waits: bool = False
