"""What pydantic found wrong, said in words that a platform engineer understands."""

from collections.abc import Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from govstack.errors import Problem
from govstack.site.document import KEY_MARK, Map, position_of
from govstack.site.fields import WRONG
from govstack.values.suggestion import suggestion

Path_ = tuple[str | int, ...]

WANTED: Mapping[str, str] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "mapping_type": "keys and values",
}
"""What each of pydantic's type errors asks for."""


def problems_of(document: Map, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Return one problem for each mistake, at the line where it stands."""
    return [_problem(document, model, details) for details in error.errors(include_url=False)]


def _problem(document: Map, model: type[BaseModel], details: ErrorDetails) -> Problem:
    loc = details["loc"]
    path = loc[:-1] if loc and loc[-1] == KEY_MARK else loc
    kind = details["type"]
    position = position_of(document, path)
    if kind == "missing":
        return position.problem(f"{path[-1]!r} is missing", _how(model, path))
    if kind == "extra_forbidden":
        return position.problem(f"unknown key {path[-1]!r}", _near(model, path))
    if kind == WRONG:
        context = details["ctx"]
        return position.problem(str(context["text"]), str(context["hint"]))
    return position.problem(_text(details), _how(model, path))


def _text(details: ErrorDetails) -> str:
    kind, value = details["type"], _shown(details["input"])
    context = details.get("ctx", {})
    if kind in WANTED:
        return f"must be {WANTED[kind]}, not {value}"
    if kind in {"enum", "literal_error"}:
        return f"{value} is not one of {context['expected']}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}, not {value}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}, not {value}"
    if kind in {"too_short", "string_too_short"}:
        return "must not be empty"
    return details["msg"]


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    return f"the text {value!r}" if isinstance(value, str) else str(value)


def _how(model: type[BaseModel], path: Path_) -> str:
    """Return what belongs there, with the example that the model gives."""
    field = _field_at(model, path)
    if field is None:
        return ""
    example = (field.examples or [""])[0]
    written = str(example).lower() if isinstance(example, bool) else example
    shown = f", such as {path[-1]}: {written}" if example and not _is_section(example) else ""
    return f"{field.description}{shown}"


def _is_section(example: object) -> bool:
    return isinstance(example, list | dict)


def _near(model: type[BaseModel], path: Path_) -> str:
    """Return the known key that is most like an unknown one, or all known keys."""
    parent = _model_at(model, path[:-1])
    if parent is None:
        return ""
    known = [field.alias or name for name, field in parent.model_fields.items()]
    return suggestion(str(path[-1]), known, otherwise="known here")


def _field_at(model: type[BaseModel], path: Path_) -> FieldInfo | None:
    if not path:
        return None
    parent = _model_at(model, path[:-1])
    if parent is None:
        return _field_at(model, path[:-1])
    names = {field.alias or name: field for name, field in parent.model_fields.items()}
    return names.get(str(path[-1]))


def _model_at(model: Any, path: Path_) -> type[BaseModel] | None:  # noqa: ANN401 - a type, of any kind
    """Follow a path through the types of fields; return the model that it ends at."""
    here = model
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            names = {field.alias or name: field for name, field in here.model_fields.items()}
            field = names.get(str(part))
            here = field.annotation if field else None
        else:
            arguments = get_args(here)
            here = arguments[-1] if arguments else None
        while get_origin(here) in {Union, UnionType} or hasattr(here, "__metadata__"):
            here = get_args(here)[0]
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None
