"""Schema: JSON schemas of a site's files, for editors."""

from collections.abc import Mapping

from govstack.errors import UnknownSelection
from govstack.site.schema import MODELS, schema_of
from govstack.values.result import Result


def schema(name: str | None = None) -> Result[Mapping[str, object]]:
    """Return the schema of one kind of file, or of every kind by name.

    Raises:
        UnknownSelection: there is no such kind.
    """
    if name is None:
        return Result(data={kind: schema_of(kind) for kind in MODELS})
    if name not in MODELS:
        raise UnknownSelection(
            f"there is no kind of file {name!r}", hint=f"there are: {', '.join(MODELS)}"
        )
    return Result(data=schema_of(name))
