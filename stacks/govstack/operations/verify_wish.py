"""What a user wishes of `verify`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyWish:
    """What is to be verified.

    Attributes:
        systems: only what their hosts do, and from them; all if empty.
        hosts: only these; all if empty.
        probes: only these, or all of a role; with them no paths are tried. All if empty.
        disturb: whether also probes that disturb what serves.
    """

    systems: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    disturb: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left out that disturbs nothing."""
        return not (self.systems or self.hosts or self.probes)
