"""Where lines of text go: rich consoles that add no markup, no wrapping, no surprise."""

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.text import Text

from govstack_cli.settings import Color
from govstack_cli.terminal import is_colored, is_live


def console_for(stream: TextIO, color: Color) -> Console:
    """Return a console on a stream."""
    colored = is_colored(stream, color)
    return Console(
        file=stream,
        force_terminal=colored or is_live(stream),
        # The eight colours follow the terminal's own theme, dark or light.
        color_system="standard" if colored else None,
        no_color=not colored,
        markup=False,
        emoji=False,
        highlight=False,
    )


def show(lines: Iterable[Text], console: Console) -> None:
    """Print lines; long ones are left to the terminal, so that nothing is cut off."""
    for line in lines:
        console.print(line, soft_wrap=True)
