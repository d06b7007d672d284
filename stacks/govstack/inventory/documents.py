"""The inventory as documents that Ansible reads: its script protocol, and its YAML form.

Text of a site may look like a template.  It is marked so that Ansible never takes it for one.
"""

import functools
import json
import re
from collections.abc import Mapping
from typing import Final

from govstack.inventory.model import Host, Inventory

TEMPLATE: Final = re.compile(r"\{[{%#]")
PLAIN_KEY: Final = re.compile(r"^[a-z][a-z0-9_-]*$")
UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
WORDS: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
"""What YAML does not take for a text."""

MANY: Final = 4096
"""How many texts are kept: what hosts have in common is said of thousands of them."""

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def listing(inventory: Inventory) -> str:
    """Return what a script answers to ``--list``: groups, and the variables of all hosts."""
    document: dict[str, object] = {
        group.name: {
            "hosts": group.hosts,
            **({"vars": group.variables} if group.variables else {}),
        }
        for group in inventory.groups
    }
    document["all"] = {
        "children": [group.name for group in inventory.groups],
        "vars": inventory.variables,
    }
    document["_meta"] = {"hostvars": {host.name: host.variables for host in inventory.hosts}}
    return _json(document)


def variables_of(host: Host) -> str:
    """Return what a script answers to ``--host``."""
    return _json(host.variables)


def yaml_text(inventory: Inventory, heading: str = "") -> str:
    """Return the inventory as a YAML file; `heading` is its first line, as a comment."""
    document = {
        "all": {
            "children": {
                group.name: {
                    "hosts": {name: {} for name in group.hosts},
                    **({"vars": group.variables} if group.variables else {}),
                }
                for group in inventory.groups
            },
            "hosts": {host.name: host.variables for host in inventory.hosts},
            "vars": inventory.variables,
        }
    }
    lines = [f"# {heading}", "---"] if heading else ["---"]
    _add_block(lines, document, "")
    return "\n".join(lines) + "\n"


def _json(document: object) -> str:
    text = _ENCODER.encode(document)
    # In JSON itself a brace is never followed by what begins a template.
    return (_ENCODER.encode(_marked(document)) if TEMPLATE.search(text) else text) + "\n"


def _marked(value: object) -> object:
    """Return a value with texts marked that look like templates."""
    if isinstance(value, str):
        return {"__ansible_unsafe": value} if TEMPLATE.search(value) else value
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    return value


def _add_block(lines: list[str], value: Mapping[str, object], indent: str) -> None:
    """Add the lines of a map, its keys sorted."""
    for key in sorted(value):
        _add_entry(lines, f"{indent}{_key(key)}:", value[key], indent)


def _add_entry(lines: list[str], head: str, value: object, indent: str) -> None:
    """Add the lines of a value after what stands before it."""
    if isinstance(value, str):
        lines.append(f"{head} {_text(value)}")
    elif isinstance(value, Mapping) and value:
        lines.append(head)
        _add_block(lines, value, f"{indent}  ")
    elif isinstance(value, list | tuple) and value:
        lines.append(head)
        for item in value:
            _add_item(lines, item, f"{indent}  ")
    else:
        lines.append(f"{head} {_ENCODER.encode(value)}")


def _add_item(lines: list[str], value: object, indent: str) -> None:
    """Add the lines of an item of a list; maps begin on the line of its dash."""
    if isinstance(value, Mapping) and value:
        first = len(lines)
        _add_block(lines, value, f"{indent}  ")
        lines[first] = f"{indent}- {lines[first].strip()}"
    else:
        _add_entry(lines, f"{indent}-", value, indent)


@functools.cache
def _key(key: str) -> str:
    return key if PLAIN_KEY.match(key) and key not in WORDS else _quoted(key)


@functools.lru_cache(MANY)
def _text(text: str) -> str:
    return f"!unsafe {_quoted(text)}" if TEMPLATE.search(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Return a text in double quotes; what JSON says in them, YAML says too."""
    return UNPRINTABLE.sub(_escaped, _ENCODER.encode(text))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
