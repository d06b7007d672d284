"""Phrases that several renderers use."""

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rich.text import Text

from govstack.values.change import Action, Change
from govstack_cli.render.columns import aligned
from govstack_cli.render.look import ACTION_STYLES, HEADING, NEXT, Glyphs, Look

MINUTE: Final = 60

PLATFORM: Final = "platform"
"""The stack and the clouds.yaml entry of whoever runs the cloud."""

SHOWN_ACTIONS: Final = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


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


def marked(glyph: str, style: str, name: str) -> Text:
    """Return a name with its symbol before it."""
    return Text.assemble((glyph, style), " ", (name, HEADING))


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
    """Return command lines to try, each after what it shows."""
    rows = [(shows, Text(command, style=NEXT)) for shows, command in commands]
    return [Text("Where to look next", style=HEADING), *aligned(rows, indent=2)]


def openstack_command(clouds: str, project: str, client: str) -> str:
    """Return the command line that lists a project's servers with OpenStack's own client.

    `client` is that of the embedded cloud; empty, it is the user's own.
    """
    file, program = shlex.quote(clouds), shlex.quote(client or "openstack")
    return f"OS_CLIENT_CONFIG_FILE={file} {program} --os-cloud {project} server list"
