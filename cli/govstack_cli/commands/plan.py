"""The verb `plan`."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option, systems_argument

if TYPE_CHECKING:
    from govstack.operations.plan_report import PlanView
    from govstack.values.result import Result

TEXT: Final = "text"
DEFAULT_VIEW: Final = "systems"

FORMS: Final = {
    DEFAULT_VIEW: (TEXT,),
    "topology": (TEXT, "svg", "mermaid"),
    "flows": (TEXT, "csv"),
    "quota": (TEXT, "csv"),
    "addresses": (TEXT, "csv"),
}
"""What can be looked at, and in which forms."""

ENDINGS: Final = {
    ".txt": TEXT,
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".csv": "csv",
}
"""Which form a file is in, by the end of its name."""


@click.command(
    "plan",
    cls=Verb,
    examples=[
        ("govstack plan", "networks, nodes and addresses of all systems"),
        ("govstack plan -v inf-bas", "rules and quota too"),
        ("govstack plan --view topology --to city.svg", "a drawing to look at and to print"),
        ("govstack plan --view flows", "which zone reaches which, on which ports"),
        ("govstack plan --view quota --format csv", "what departments need, for a spreadsheet"),
    ],
)
@systems_argument
@option(
    "--view",
    type=click.Choice(list(FORMS)),
    default=DEFAULT_VIEW,
    show_default=True,
    help="What to look at: systems one by one, the topology by layer and zone, flows between "
    "zones, quota by system and department, or the address book.",
)
@option(
    "--format",
    "form",
    envvar="GOVSTACK_PLAN_FORMAT",
    type=click.Choice(list(dict.fromkeys(form for forms in FORMS.values() for form in forms))),
    help="The form: svg and mermaid for the topology, csv for flows, quota and addresses. "
    "Default: as the name of the file says, else text.",
)
@option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to a file, in the place of one that is there.",
)
@pass_app
def command(
    app: App, systems: tuple[str, ...], view: str, form: str | None, to: Path | None
) -> int:
    """Show what follows from the site, without a cloud.

    Named systems are shown with all that they need; flows, quota and addresses are those of the
    named systems alone.
    """
    form = _chosen_form(view, form, to)
    result = _operation(view)(app.target(), systems=systems)
    if to is None and form == TEXT:
        return app.finish(result)
    text = _document(app, view, form, result.data)
    if to is None:
        return app.finish_with_text(result.data, text)
    from govstack.operations.plan_documents import write_document  # noqa: PLC0415 - help is instant

    return app.finish(write_document(to, view, form, text))


def _chosen_form(view: str, form: str | None, to: Path | None) -> str:
    """Return the form that was asked for.

    Raises:
        click.UsageError: the view has none such, or it is not known which is meant.
    """
    if form is None:
        form = TEXT if to is None else ENDINGS.get(to.suffix.lower(), "")
    if not form:
        raise click.UsageError(f"the name {to} does not tell the form: give --format")
    if form not in FORMS[view]:
        others = " or ".join(name for name, forms in FORMS.items() if form in forms)
        raise click.UsageError(f"{view} cannot be had as {form}: give --view {others}")
    return form


def _operation(view: str) -> "Callable[..., Result[PlanView]]":
    # Operations are imported when they are called for, so that help is instant.
    operations = importlib.import_module("govstack.operations.plan")
    operation: Callable[..., Result[PlanView]] = getattr(
        operations, "plan" if view == DEFAULT_VIEW else view
    )
    return operation


def _document(app: App, view: str, form: str, report: "PlanView") -> str:
    if form == TEXT:
        from govstack_cli.render.plain import plain_text  # noqa: PLC0415 - rich

        return plain_text(report, app.settings)
    from govstack.operations.plan_documents import document  # noqa: PLC0415 - help is instant

    return document(view, form, report)
