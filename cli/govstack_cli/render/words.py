"""Phrases that several renderers use."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, Protocol, TypeVar

from rich.text import Text

from govstack.values.change import Action, Change
from govstack_cli.render.look import ACTION_STYLES, HEADING, QUIET, Glyphs, Look

MINUTE: Final = 60

LAYERS: Final = {
    "infrastructure": ("Infrastructure", "基础设施层"),
    "data-service": ("Data service", "数据服务层"),
    "application-support": ("Application support", "应用支撑层"),
}

SHOWN_ACTIONS: Final = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


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
    sorted_items = sorted(items, key=lambda item: order.index(item.layer))
    for layer, group in groupby(sorted_items, key=lambda item: item.layer):
        yield layer, list(group)


def layer_line(layer: str, look: Look) -> Text:
    """Return a layer's title, in both languages where the stream can carry them."""
    english, chinese = LAYERS[layer]
    return Text(f"{english} {chinese}" if look.unicode else english, style=HEADING)


def title_line(name: str, site: str, environment: str, look: Look, rest: str = "") -> Text:
    """Return the line that says which cloud this is about."""
    line = Text.assemble((name, HEADING), f" {site}", look.glyphs.dot, environment)
    if rest:
        line.append(look.glyphs.dot).append(rest)
    return line


def kind_of(resource_type: str) -> str:
    """Return what people call a resource type: ``Port`` for ``openstack:networking/port:Port``."""
    return resource_type.rsplit(":", 1)[-1]


def plural(number: int, noun: str, many: str = "") -> str:
    """Return a number with its noun: ``1 node``, ``2 nodes``."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def duration(seconds: float) -> str:
    """Return seconds as people say them: ``8.1 s``, ``1 min 12 s``."""
    if round(seconds, 1) < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest} s"


def action_counts(changes: Iterable[Change]) -> Counter[Action]:
    """Count changes by action."""
    return Counter(change.action for change in changes)


def counts_text(counts: Counter[Action], glyphs: Glyphs) -> Text:
    """Return counts by action: ``+12 ~2``."""
    parts = [
        Text(f"{glyphs.action(action)}{counts[action]:,}", style=ACTION_STYLES[action])
        for action in SHOWN_ACTIONS
        if counts[action]
    ]
    return Text(" ").join(parts)


def command_lines(commands: Sequence[tuple[str, str]]) -> list[Text]:
    """Return command lines to try, with what each shows."""
    return [
        Text.assemble("  ", (command, "cyan"), ("  " + text if text else "", QUIET))
        for command, text in commands
    ]
