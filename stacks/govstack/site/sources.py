"""The files of one site in one environment: read, merged and validated, each by itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from govstack.errors import Problem, SiteNotFound, UnknownSelection
from govstack.site.declared import EnvironmentDeclared, SiteDeclared, SystemDeclared
from govstack.site.document import Map, Position, position_of, read_document
from govstack.site.merge import merged
from govstack.site.mistakes import problems_of

SITE_FILE: Final = "site.yaml"
ADDRESS_FILE: Final = "addresses.yaml"
Declared = TypeVar("Declared", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Part(Generic[Declared]):
    """A declared thing, and the document that tells where each of its values stands."""

    document: Map
    declared: Declared

    def problem(self, text: str, hint: str, *path: str | int) -> Problem:
        """Return a problem at the value that the path leads to."""
        return position_of(self.document, path).problem(text, hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All parts of a site; `addresses` is the address book as written."""

    root: Path
    environment: Part[EnvironmentDeclared]
    site: Part[SiteDeclared]
    systems: tuple[Part[SystemDeclared], ...]
    addresses: Map


def read_sources(root: Path, environment: str, problems: list[Problem]) -> Sources | None:
    """Read all files of the site; what is wrong with them is added to `problems`.

    Returns:
        The parts, or None if some of them cannot be made out.

    Raises:
        SiteNotFound: the folder holds no site.
        UnknownSelection: the site has no such environment.
    """
    if not (root / SITE_FILE).is_file():
        raise SiteNotFound(
            f"there is no site in {root}: no file {SITE_FILE}",
            hint="name the site's folder with --site",
        )
    start = len(problems)
    settings = _part(_environment_file(root, environment), EnvironmentDeclared, None, problems)
    if settings is None:
        return None
    overlay = settings.document
    site = _part(root / SITE_FILE, SiteDeclared, overlay.get("site"), problems)
    systems = _systems(root, settings, problems)
    addresses = _addresses(root / ADDRESS_FILE, problems)
    if len(problems) > start or site is None:
        return None
    return Sources(root=root, environment=settings, site=site, systems=systems, addresses=addresses)


def environments_of(root: Path) -> tuple[str, ...]:
    """Return the names of the environments that a site's folder declares."""
    return tuple(sorted(path.stem for path in (root / "environments").glob("*.yaml")))


def _environment_file(root: Path, name: str) -> Path:
    known = environments_of(root)
    if name not in known:
        raise UnknownSelection(
            f"the site {root.resolve().name} has no environment {name!r}",
            hint=f"there are: {', '.join(known)}" if known else "write environments/sandbox.yaml",
        )
    return root / "environments" / f"{name}.yaml"


def _part(
    path: Path, model: type[Declared], overlay: object, problems: list[Problem]
) -> Part[Declared] | None:
    document = read_document(path, problems)
    if document is None:
        return None
    if isinstance(overlay, Map):
        document = merged(document, overlay)
    try:
        return Part(document, model.model_validate(document))
    except ValidationError as error:
        problems += problems_of(document, model, error)
        return None


def _systems(
    root: Path, settings: Part[EnvironmentDeclared], problems: list[Problem]
) -> tuple[Part[SystemDeclared], ...]:
    overlays = settings.document.get("systems")
    known = overlays if isinstance(overlays, Map) else {}
    paths = sorted((root / "systems").glob("*.yaml"))
    stems = {path.stem for path in paths}
    problems += [
        settings.problem(
            f"changes a system {name!r} that does not exist",
            "name a file of systems/, without its ending",
            "systems",
            name,
        )
        for name in known
        if name not in stems
    ]
    parts = [_part(path, SystemDeclared, known.get(path.stem), problems) for path in paths]
    return tuple(part for part in parts if part)


def _addresses(path: Path, problems: list[Problem]) -> Map:
    nowhere = Map(Position(str(path), 0, ""))
    return (read_document(path, problems) or nowhere) if path.exists() else nowhere
