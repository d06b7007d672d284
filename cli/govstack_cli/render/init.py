"""Text of a new site: its files, and what to do with them first."""

import shlex
from collections import Counter
from pathlib import Path
from typing import Final

from rich.text import Text

from govstack.operations.reports_site import InitReport
from govstack_cli.failure import relative
from govstack_cli.locate import INVENTORIES, SITE_FILE
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.look import GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import command_lines, plural

ABOUT: Final = {
    "README.md": "for whoever opens the folder",
    SITE_FILE: "zones, departments, catalog, flows",
    "systems": "a first system",
    "environments": "a cloud that it is built on",
    "addresses.yaml": "who holds which address",
    ".schema": "what may stand in them, for editors",
}
"""What each file, or each of a folder, is there for."""


def init_lines(report: InitReport, look: Look) -> list[Text]:
    """Return what was written, or all that would be."""
    if not report.written:
        return _texts(report)
    place = relative(report.root)
    mark = Text.assemble((look.glyphs.done, GOOD), " ", (report.name, HEADING))
    lines = [
        mark.append(f" {report.site}: {plural(len(report.files), 'file')} in {place}"),
        *aligned(_rows(report), indent=2),
        Text(),
    ]
    again = f"govstack{_site(report)}"
    commands = [
        ("read it, and change what is different", f"{place}/{SITE_FILE}"),
        ("what follows from it", f"{again} plan"),
        ("what a key means", f"{again} explain zones"),
        ("build it on the embedded cloud", f"{again} up"),
    ]
    if "production" in report.environments:
        commands.append(("see it on your cloud", f"{again} -e production preview"))
    return [*lines, *command_lines(commands)]


def _rows(report: InitReport) -> list[Row]:
    """Return a row for each file, but one for all schemas."""
    folders = Counter(file.path.split("/")[0] for file in report.files)
    rows: list[Row] = []
    for file in report.files:
        first = file.path.split("/")[0]
        if first != ".schema":
            rows.append((file.path, Text(ABOUT[first], style=QUIET)))
    rows.append(
        (f".schema/ ({plural(folders['.schema'], 'file')})", Text(ABOUT[".schema"], style=QUIET))
    )
    return rows


def _texts(report: InitReport) -> list[Text]:
    """Return every text that somebody would read, then how much there is."""
    lines: list[Text] = []
    for file in report.files:
        if not file.path.startswith("."):
            lines += [Text(f"==> {file.path}", style=HEADING), *map(Text, file.text.splitlines())]
            lines.append(Text())
    schemas = sum(file.path.startswith(".") for file in report.files)
    return [
        *lines,
        Text(f"and {plural(schemas, 'schema')} for editors in .schema/"),
        Text(
            f"{plural(len(report.files), 'file')} would be written into {relative(report.root)}; "
            "nothing was written"
        ),
    ]


def _site(report: InitReport) -> str:
    """Return the option that names the site, unless it is found without."""
    root = Path(report.root).absolute()
    inventories = Path.cwd() / INVENTORIES
    alone = len(list(inventories.glob(f"*/{SITE_FILE}"))) == 1
    if root.parent == inventories and alone and not (Path.cwd() / SITE_FILE).exists():
        return ""
    return f" -s {shlex.quote(relative(report.root))}"
