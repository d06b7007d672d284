"""Finds cloud profiles: those that govstack brings, and those of the site itself."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from govstack.errors import Problem
from govstack.site.declared.environment import CapabilitiesDeclared, ProfileDeclared
from govstack.site.document import position_of, read_document
from govstack.site.mistakes import problems_of
from govstack.site.profile import Profile

SHIPPED: Final = Path(__file__).with_name("profiles")
FOLDER: Final = "profiles"
"""Where a site keeps profiles of its own, which go before those of the same name here."""


def profile_names(root: Path) -> tuple[str, ...]:
    """Return the names of all profiles that a site may choose from."""
    return tuple(sorted({path.stem for folder in _folders(root) for path in folder.glob("*.yaml")}))


def read_profile(
    root: Path, name: str, capabilities: CapabilitiesDeclared, problems: list[Problem]
) -> Profile | None:
    """Return the profile of this name, with what one cloud can do differently.

    What is wrong with its file is added to `problems`.
    """
    path = path_of(root, name)
    document = read_document(path, problems)
    if document is None:
        return None
    try:
        declared = ProfileDeclared.model_validate(document)
    except ValidationError as error:
        problems += problems_of(document, ProfileDeclared, error)
        return None
    fields = declared.model_dump(exclude={"sources", "untested"})
    return Profile(name=name, **fields | capabilities.model_dump(exclude_none=True))


def path_of(root: Path, name: str) -> Path:
    """Return the file of a profile; a site's own goes before the one that govstack brings."""
    paths = [folder / f"{name}.yaml" for folder in _folders(root)]
    return next((path for path in paths if path.is_file()), paths[-1])


def line_of(root: Path, name: str, key: str) -> str:
    """Return ``profiles/NAME.yaml:LINE`` of a key, for messages."""
    document = read_document(path_of(root, name), [])
    line = position_of(document, (key,)).line if document else 1
    return f"{FOLDER}/{name}.yaml:{line}"


def _folders(root: Path) -> tuple[Path, ...]:
    return (root / FOLDER, SHIPPED)
