"""The inventory as documents that Ansible reads: its script protocol, and its YAML form.

Text of a site may look like a template.  It is marked so that Ansible never takes it for one.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from govstack.inventory.model import Host, Inventory, Variables

TEMPLATE: Final = re.compile(r"\{[{%#]")
PLAIN_KEY: Final = re.compile(r"^[a-z][a-z0-9_-]*$")
UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
WORDS: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
"""What YAML does not take for a text."""


def listing(inventory: Inventory) -> str:
    """Return what a script answers to ``--list``: groups, and the variables of all hosts."""
    document: dict[str, object] = {
        group.name: {"hosts": group.hosts, **_with_variables(group.variables)}
        for group in inventory.groups
    }
    document["all"] = {
        "children": [group.name for group in inventory.groups],
        **_with_variables(inventory.variables),
    }
    document["_meta"] = {
        "hostvars": {host.name: _script(host.variables) for host in inventory.hosts}
    }
    return _json(document)


def variables_of(host: Host) -> str:
    """Return what a script answers to ``--host``."""
    return _json(_script(host.variables))


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
    lines = [f"# {heading}"] if heading else []
    return "\n".join([*lines, "---", *_block(document, "")]) + "\n"


def _with_variables(variables: Variables) -> Mapping[str, object]:
    return {"vars": _script(variables)} if variables else {}


def _script(value: object) -> object:
    """Return a value with texts marked that look like templates."""
    return _marked(value, lambda text: {"__ansible_unsafe": text})


def _marked(value: object, mark: Callable[[str], object]) -> object:
    if isinstance(value, str):
        return mark(value) if TEMPLATE.search(value) else value
    if isinstance(value, Mapping):
        return {key: _marked(item, mark) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item, mark) for item in value]
    return value


def _json(document: object) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def _block(value: Mapping[str, object], indent: str) -> Iterator[str]:
    """Yield the lines of a map, its keys sorted."""
    for key in sorted(value):
        yield from _entry(f"{indent}{_key(key)}:", value[key], indent)


def _entry(head: str, value: object, indent: str) -> Iterator[str]:
    """Yield the lines of a value after what stands before it."""
    if isinstance(value, Mapping) and value:
        yield head
        yield from _block(value, f"{indent}  ")
    elif isinstance(value, list | tuple) and value:
        yield head
        for item in value:
            yield from _item(item, f"{indent}  ")
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: object, indent: str) -> Iterator[str]:
    """Yield the lines of an item of a list; maps begin on the line of its dash."""
    if isinstance(value, Mapping) and value:
        first, *rest = _block(value, f"{indent}  ")
        yield f"{indent}- {first.strip()}"
        yield from rest
    else:
        yield from _entry(f"{indent}-", value, indent)


def _key(key: str) -> str:
    return key if PLAIN_KEY.match(key) and key not in WORDS else _text(key)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return f"!unsafe {_text(value)}" if TEMPLATE.search(value) else _text(value)
    if isinstance(value, Mapping):
        return "{}"
    return json.dumps(value)


def _text(text: str) -> str:
    """Return a text in double quotes; what JSON says in them, YAML says too."""
    return UNPRINTABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
