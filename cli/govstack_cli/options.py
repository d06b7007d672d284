"""The global options: the same before and after the verb; what stands last counts."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from govstack_cli import complete, settings
from govstack_cli.settings import Color, Output, Settings

META: Final = "govstack_cli.settings."
Command = TypeVar("Command", bound=Callable[..., object])


class GlobalOption(click.Option):
    """An option that every verb takes; its value is kept for all contexts of the call."""

    def __init__(self, *names: str, **attributes: Any) -> None:  # noqa: ANN401 - as click.Option
        super().__init__(
            list(names),
            expose_value=False,
            show_envvar=True,
            allow_from_autoenv=False,
            callback=_keep,
            **attributes,
        )


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> object:
    name = parameter.name or ""
    written = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    if written or META + name not in context.meta:
        context.meta[META + name] = value
    return value


GLOBAL_OPTIONS: Final = (
    GlobalOption(
        "-s",
        "--site",
        type=click.Path(path_type=Path),
        envvar=settings.SITE_VARIABLE,
        help="The site's folder. Default: the nearest parent folder that holds site.yaml, "
        "else the only folder in ./inventories.",
    ),
    GlobalOption(
        "-e",
        "--environment",
        metavar="NAME",
        default=settings.DEFAULT_ENVIRONMENT,
        show_default=True,
        envvar=settings.ENVIRONMENT_VARIABLE,
        shell_complete=complete.environments,
        help="Which realisation of the site.",
    ),
    GlobalOption(
        "-o",
        "--output",
        type=click.Choice([str(choice) for choice in Output], case_sensitive=False),
        default=Output.TEXT.value,
        show_default=True,
        envvar=settings.OUTPUT_VARIABLE,
        help="The form of the result.",
    ),
    GlobalOption(
        "-q",
        "--quiet",
        is_flag=True,
        envvar=settings.QUIET_VARIABLE,
        help="Show results, warnings and errors, nothing else.",
    ),
    GlobalOption(
        "-v",
        "--verbose",
        is_flag=True,
        envvar=settings.VERBOSE_VARIABLE,
        help="Show every resource and every detail.",
    ),
    GlobalOption(
        "--color",
        type=click.Choice([str(choice) for choice in Color], case_sensitive=False),
        default=Color.AUTO.value,
        show_default=True,
        envvar=settings.COLOR_VARIABLE,
        help="When to colour; auto heeds NO_COLOR and FORCE_COLOR.",
    ),
)

option = functools.partial(click.option, show_envvar=True)
"""An option of one verb; its variable is GOVSTACK_VERB_NAME."""

no_wait_option: Final = option(
    "--no-wait",
    is_flag=True,
    help="End at once (exit code 7) if another run holds the environment.",
)

systems_argument: Final = click.argument(
    "systems",
    nargs=-1,
    metavar="[SYSTEM]...",
    shell_complete=complete.systems,
    help="Ids of systems; all of them if none is named.",
)


def settings_of(context: click.Context) -> Settings:
    """Return the global options of a call.

    Raises:
        click.UsageError: some of them exclude each other.
    """
    chosen = {name.removeprefix(META): value for name, value in context.meta.items()}
    result = Settings(
        site=chosen["site"],
        environment=chosen["environment"],
        output=Output(chosen["output"]),
        color=Color(chosen["color"]),
        quiet=chosen["quiet"],
        verbose=chosen["verbose"],
    )
    if result.quiet and result.verbose:
        raise click.UsageError("--quiet and --verbose exclude each other", context)
    return result
