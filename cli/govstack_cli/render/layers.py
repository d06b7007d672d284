"""Systems under the titles of their layers, aligned over all layers."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, Protocol, TypeVar

from rich.text import Text

from govstack.operations.report import NodeReport
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.look import HEADING, Look

LAYERS: Final = {
    "infrastructure": ("Infrastructure", "基础设施层"),
    "data-service": ("Data service", "数据服务层"),
    "application-support": ("Application support", "应用支撑层"),
}


class Layered(Protocol):
    """Whatever belongs to a layer."""

    @property
    def layer(self) -> str:
        """Return the layer's id."""
        ...


T = TypeVar("T", bound=Layered)


def by_layer(items: Iterable[T]) -> Iterator[tuple[str, list[T]]]:
    """Yield the layers, upstream first, with their items in the given order."""
    order = list(LAYERS)
    ordered = sorted(items, key=lambda item: order.index(item.layer))
    for layer, group in groupby(ordered, key=lambda item: item.layer):
        yield layer, list(group)


def layer_line(layer: str, look: Look) -> Text:
    """Return a layer's title, in both languages where the stream can carry them."""
    english, chinese = LAYERS[layer]
    return Text(f"{english} {chinese}" if look.unicode else english, style=HEADING)


def node_rows(nodes: Sequence[NodeReport]) -> list[Row]:
    """Return the rows of nodes: zone, name, address, floating IP and machine."""
    return [
        (node.zone, node.name, node.address, f"{node.floating_ip} {node.machine}".strip())
        for node in nodes
    ]


def layered_lines(
    systems: Iterable[T],
    look: Look,
    head: Callable[[T], Row],
    nodes: Callable[[T], list[Row]],
    *,
    right: Collection[int] = (),
) -> Iterator[Text]:
    """Yield every layer's title, and its systems with their nodes, in columns of equal width.

    Args:
        systems: in the order in which they are shown within a layer.
        look: how text looks.
        head: gives the row of a system.
        nodes: gives the rows of the nodes to show below a system.
        right: the columns of a system's row that are aligned to the right.
    """
    layers = list(by_layer(systems))
    everyone = [system for _, members in layers for system in members]
    below = [nodes(system) for system in everyone]
    head_lines = iter(aligned([head(system) for system in everyone], indent=2, right=right))
    node_lines = iter(aligned([row for rows in below for row in rows], indent=6))
    counts = iter(len(rows) for rows in below)
    for layer, members in layers:
        yield Text()
        yield layer_line(layer, look)
        for _ in members:
            yield next(head_lines)
            for _ in range(next(counts)):
                yield next(node_lines)
