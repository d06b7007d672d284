"""The shape of the verbs: loaded when used, with the global options, examples and suggestions."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from govstack_cli.options import GLOBAL_OPTIONS

VERB: Final = "govstack_cli.verb"
"""Where a call's contexts keep the verb that was reached."""

Example = tuple[str, str]
"""A command line and what it does."""


@dataclass(frozen=True, slots=True)
class Section:
    """Verbs that belong together in the help; each with a line of its own."""

    title: str
    verbs: dict[str, str]


class _WithGlobals(click.Command):
    """A command that takes the global options too, and shows examples."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **attributes: Any) -> None:  # noqa: ANN401 - as click.Command
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the global ones."""
        return [*super().get_params(ctx), *GLOBAL_OPTIONS]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones."""
        own = super().get_params(ctx)
        for title, params in (("Options", own), ("Global options", GLOBAL_OPTIONS)):
            options = [param for param in params if isinstance(param, click.Option)]
            records = [record for param in options if (record := param.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then what else there is to say."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_dl(self.examples, col_max=56)
        super().format_epilog(ctx, formatter)


class Verb(_WithGlobals):
    """A command that does something."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click.Command
        """Note which verb was reached, then run it."""
        ctx.meta[VERB] = verb_of(ctx)
        return super().invoke(ctx)


class LazyGroup(_WithGlobals, click.Group):
    """Verbs by section; each is a module of one package, imported when used."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - as click.Group
        package: str = "",
        sections: Sequence[Section] = (),
        **attributes: Any,  # noqa: ANN401 - as click.Group
    ) -> None:
        super().__init__(*args, **attributes)
        self.package = package
        self.sections = tuple(sections)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or suggest one that is spelt alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs first: they are what one looks for."""
        self.format_commands(ctx, formatter)
        _WithGlobals.format_options(self, ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        del ctx
        return [verb for section in self.sections for verb in section.verbs]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a verb and return its command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{self.package}.{cmd_name}")
        command = module.command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs by section, without importing any."""
        width = max(len(verb) for verb in self.list_commands(ctx))
        for section in self.sections:
            with formatter.section(section.title):
                formatter.write_dl(
                    [(name.ljust(width), text) for name, text in section.verbs.items()]
                )


def verb_of(context: click.Context) -> str:
    """Return the verb of a context without the program's name: ``sandbox start``."""
    return context.command_path.partition(" ")[2]
