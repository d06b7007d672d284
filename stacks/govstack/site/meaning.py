"""What settings mean: descriptions, allowed values, defaults and examples, by their paths."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from govstack.site.schema import schema_of

Schema = Mapping[str, Any]

DEFINITIONS: Final = "#/$defs/"
WORDS: Final = {"boolean": "true or false", "integer": "a whole number"}
UNLESS_SAID: Final = frozenset({"required", "default"})
"""What a schema says of keys that are not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What is known of a setting, wherever its value comes from.

    Attributes:
        text: what it is for, in one line.
        detail: what its kind of value is, in more words; may be empty.
        allowed: what may stand there, in words; empty for sections.
        default: None also if there is none.
        example: None if there is none.
        keys: what may stand below it, by name, with what each is for.
        is_section: whether keys and values stand below it.
    """

    text: str
    detail: str
    allowed: str
    default: object
    required: bool
    example: object
    keys: Mapping[str, str]
    is_section: bool


def meaning_of(path: tuple[str, ...]) -> Meaning | None:
    """Return what a setting means; None if there is no such setting.

    Names that the site itself gives, such as those of zones, all mean the same.
    """
    here, required = _whole(), True
    for part in path:
        required = part in here.get("required", ())
        below = _below(here, part)
        if below is None:
            return None
        here = below
    return _meaning(here, required=required)


def _meaning(schema: Schema, *, required: bool) -> Meaning:
    is_section = schema.get("type") == "object"
    text, detail = str(schema.get("description", "")).rstrip("."), str(schema.get("detail", ""))
    examples = schema.get("examples") or [None]
    return Meaning(
        text=text,
        detail="" if detail.rstrip(".").lower() == text.lower() else detail,
        allowed="" if is_section else _allowed(schema),
        default=None if is_section else schema.get("default"),
        required=required,
        example=examples[0] or None if not isinstance(examples[0], bool) else examples[0],
        keys={
            name: str(_resolved(item).get("description", "")).rstrip(".")
            for name, item in schema.get("properties", {}).items()
        },
        is_section=is_section,
    )


@functools.cache
def _whole() -> Schema:
    """Return one schema of everything that a path can lead to."""
    site, system, environment, profile = (
        _inlined(schema_of(kind)) for kind in ("site", "system", "environment", "profile")
    )
    systems = {
        "type": "object",
        "description": "information systems (定级对象) by id, one file each",
        "additionalProperties": system,
    }
    settings = environment["properties"]
    settings["site"] = {**_partial(site), "description": settings["site"]["description"]}
    changes = {"type": "object", "additionalProperties": _partial(system)}
    settings["systems"] = {**changes, "description": settings["systems"]["description"]}
    below = {"systems": systems, "environment": environment, "profile": profile}
    return {
        "type": "object",
        "description": "everything that can be set",
        "properties": {**site["properties"], **below},
        "required": site["required"],
    }


def _inlined(schema: Schema) -> dict[str, Any]:
    """Return a schema that has its definitions where they are used; none is used within itself."""
    definitions = schema.get("$defs", {})

    def inline(node: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(node, list):
            return [inline(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            definition = inline(definitions[node["$ref"].removeprefix(DEFINITIONS)])
            detail = definition["description"] if "description" in node else ""
            own = {key: value for key, value in node.items() if key != "$ref"}
            return {**definition, "detail": _prose(detail), **own}
        return {key: inline(value) for key, value in node.items()}

    return {key: inline(value) for key, value in schema.items() if key != "$defs"}


def _partial(schema: Schema) -> dict[str, Any]:
    """Return a schema of changes: nothing must be said, and what is not said is left as it is."""

    def strip(node: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(node, list):
            return [strip(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: strip(value) for key, value in node.items() if key not in UNLESS_SAID}

    return {key: strip(value) for key, value in schema.items() if key not in UNLESS_SAID}


def _prose(docstring: str) -> str:
    """Return a docstring as one paragraph of plain text."""
    return " ".join(docstring.replace("``", "").replace("`", "").split())


def _below(schema: Schema, part: str) -> Schema | None:
    """Return what a key or an index below a section or list leads to."""
    if "properties" in schema:
        found = schema["properties"].get(part)
        return _resolved(found) if found is not None else None
    for key in ("patternProperties", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            below = schema[key]
            inner = next(iter(below.values())) if key == "patternProperties" else below
            return _resolved(inner)
    if "items" in schema and part.isdecimal():
        return _resolved(schema["items"])
    return None


def _resolved(schema: Schema) -> Schema:
    """Return a schema that allows nothing but null besides, without that."""
    if "anyOf" not in schema:
        return schema
    kind = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    detail = kind.get("description", "") if "description" in schema else ""
    own = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**kind, "detail": _prose(detail), **own}


def _allowed(schema: Schema) -> str:
    """Return in words what may stand there."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if "const" in schema:
        return f"{schema['const']}"
    if schema.get("format") == "date":
        return "a day, written YYYY-MM-DD"
    if schema.get("type") == "array":
        items = _resolved(schema["items"])
        inner = "" if items.get("type") == "object" else _allowed(items)
        return f"a list, each item {inner}" if inner else "a list of sections"
    return WORDS.get(str(schema.get("type")), "a text") + _range(schema) + _form(schema)


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None:
        return f" from {low} to {high}"
    return f", at least {low}" if low is not None else ""


def _form(schema: Schema) -> str:
    if "pattern" in schema:
        return f" of the form {schema['pattern']}"
    return f" of at most {schema['maxLength']} characters" if "maxLength" in schema else ""
