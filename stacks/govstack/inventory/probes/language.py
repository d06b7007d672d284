"""The small language of templates and expressions that probes are written in."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import AfterValidator

ALONE: Final = re.compile(r"^\{\{(?P<inner>((?!\}\}).)*)\}\}$", re.DOTALL)
"""A template that is one expression and nothing else."""

Values = Mapping[str, Any]


def _is_template(text: str) -> str:
    try:
        _environment().parse(text)
    except TemplateSyntaxError as error:
        message = f"cannot be read: {error.message}"
        raise ValueError(message) from error
    return text


def _is_expression(text: str) -> str:
    if text:
        _is_template(f"{{{{ {text} }}}}")
    return text


Template = Annotated[str, AfterValidator(_is_template)]
"""A text in which `{{ }}` may stand; if it is all there is, the value itself takes its place."""
Expression = Annotated[str, AfterValidator(_is_expression)]
"""What may stand in `{{ }}`, without them; empty for none."""


class Unknown(Exception):
    """A template names something that is not there."""


def value_of(expression: str, values: Values) -> Any:  # noqa: ANN401 - whatever the value is
    """Return the value of an expression.

    Raises:
        Unknown: it names something that is not there.
    """
    try:
        found = _compiled(expression)(**values)
    except TemplateError as error:
        raise Unknown(f"{expression}: {error}") from error
    if isinstance(found, StrictUndefined):
        raise Unknown(f"{expression}: {found._undefined_message}")  # noqa: SLF001 - its own words
    return found


def filled(value: object, values: Values) -> Any:  # noqa: ANN401 - as above
    """Return a value with all templates in it filled in.

    Raises:
        Unknown: one names something that is not there.
    """
    if isinstance(value, Mapping):
        return {key: filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, values) for item in value]
    if not isinstance(value, str):
        return value
    alone = ALONE.match(value.strip())
    if alone:
        return value_of(alone["inner"].strip(), values)
    try:
        return _template(value).render(**values)
    except UndefinedError as error:
        raise Unknown(f"{value}: {error}") from error


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )


@cache
def _compiled(expression: str) -> Any:  # noqa: ANN401 - a function of Jinja's
    return _environment().compile_expression(expression, undefined_to_none=False)


@cache
def _template(text: str) -> Any:  # noqa: ANN401 - as above
    return _environment().from_string(text)
