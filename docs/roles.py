"""Writes docs/roles.md anew from what the roles say of themselves: python docs/roles.py.

What stands above the mark is written by hand and kept; what is below follows from the roles'
argument specifications and is never edited.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

PAGE: Final = Path(__file__).with_suffix(".md")
ROLES: Final = Path(__file__).parent.parent / "roles/govstack/base/roles"
CODE: Final = re.compile(r"C\(([^)]*)\)")
"""How argument specifications set what is typed."""
MARK: Final = "<!-- what follows is written by docs/roles.py -->\n"


def page() -> str:
    """Return the whole page as it is to be."""
    kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    return kept + MARK + "\n" + "\n".join(_role(path) for path in sorted(ROLES.iterdir()))


def _role(folder: Path) -> str:
    entry = _read(folder / "meta/argument_specs.yml")["argument_specs"]["main"]
    lines = [f"### {folder.name}", "", f"{entry['short_description']}. {_text(entry)}".strip(), ""]
    rows = [row for name, one in entry["options"].items() for row in _rows(name, one)]
    if rows:
        lines += ["| variable | type | default | meaning |", "|---|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _rows(name: str, option: Mapping[str, Any]) -> Iterator[str]:
    kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
    default = "**required**" if option.get("required") else _value(option.get("default", ""))
    meaning = _text(option)
    if "choices" in option:
        meaning += f" One of {', '.join(str(one) for one in option['choices'])}."
    if option.get("no_log"):
        meaning += " Secret."
    yield f"| `{name}` | {kind} | {default} | {meaning} |"
    for key, one in option.get("options", {}).items():
        yield from _rows(f"{name}.{key}", one)


def _value(value: object) -> str:
    shown = {"": "", "[]": "`[]`", "{}": "`{}`"}
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return shown.get(text, f"`{text}`")


def _text(described: Mapping[str, Any]) -> str:
    text = described.get("description", "")
    words = " ".join(text) if isinstance(text, list) else text
    return CODE.sub(r"`\1`", words)


def _read(path: Path) -> Any:  # noqa: ANN401 - as YAML gives it
    return YAML(typ="safe").load(path)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
