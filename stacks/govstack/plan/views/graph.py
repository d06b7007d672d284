"""A site as a graph: what the topology consists of."""

from dataclasses import dataclass

from govstack.site.kinds import Exposure, Layer, Mechanism

OUTSIDE = "outside"
"""Stands for a zone where a path comes from outside the site; zones are written in capitals."""

NO_ZONE = ""
"""Stands for the zone of a system that has no network: it lives in the cloud's own services."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A layer within a zone."""

    layer: Layer
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneView:
    """A zone, and how much is in it."""

    id: str
    name: str
    exposure: Exposure
    holds_data: bool
    supernet: str
    mlps: int
    systems: int
    nodes: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Opening:
    """A path from (or, if `outward`, to) everybody, or a whole zone; `who` is `any` or a zone."""

    outward: bool
    who: str
    ports: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemView:
    """A system in its cell; `further_zones` are those that it has nodes or ports in besides.

    Attributes:
        machines: how many of its nodes are on machines.
        reaches: the systems that it uses, or has a flow to.
        reached_by: the systems that do so with it.
    """

    id: str
    name: str
    tenant: str
    mlps: int
    cell: Cell
    further_zones: tuple[str, ...]
    nodes: int
    machines: int = 0
    networks: tuple[str, ...]
    reaches: tuple[str, ...]
    reached_by: tuple[str, ...]
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsiderView:
    """Who comes from outside: `id` is `internet` or a network; it stands beside what it reaches."""

    id: str
    cell: Cell
    purposes: tuple[str, ...]


Item = OutsiderView | SystemView
"""Whatever stands in a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """All paths from one system, or from outside, to another system.

    Attributes:
        services: what is used, if the paths are uses.
        declared: whether one of them is a flow of its own.
    """

    source: str
    target: str
    ports: tuple[str, ...]
    services: tuple[str, ...]
    mechanisms: tuple[Mechanism, ...]
    purposes: tuple[str, ...]
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All links from one cell to another."""

    source: Cell
    target: Cell
    links: int
    ports: tuple[str, ...]
    mechanisms: tuple[Mechanism, ...]
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A site as a graph: zones from outside inwards, systems each after what it needs."""

    site: str
    name: str
    environment: str
    zones: tuple[ZoneView, ...]
    outsiders: tuple[OutsiderView, ...]
    systems: tuple[SystemView, ...]
    links: tuple[Link, ...]
    bundles: tuple[Bundle, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Return whatever stands in a cell, outsiders first."""
        return (*self.outsiders, *self.systems)
