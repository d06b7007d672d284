"""The files of one site in one environment: read, merged and validated, each by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from govstack.errors import Problem, SiteNotFound, UnknownSelection
from govstack.site.declared.environment import EnvironmentDeclared
from govstack.site.declared.site import SiteDeclared
from govstack.site.declared.system import SystemDeclared
from govstack.site.document import Map, Position, position_of, read_document
from govstack.site.flat import read_flat
from govstack.site.merge import merged
from govstack.site.mistakes import problems_of

SITE_FILE: Final = "site.yaml"
ADDRESS_FILE: Final = "addresses.yaml"
OVERLAYS: Final = "overlays"
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
    settings = _part(_environment_file(root, environment), EnvironmentDeclared, problems)
    if settings is None:
        return None
    folders = _folders(root, settings, problems)
    site = _site(folders, settings, problems)
    systems = _systems(folders, settings, problems)
    addresses = _addresses(address_file(root, settings.declared), problems)
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


def address_file(root: Path, environment: EnvironmentDeclared) -> Path:
    """Return the address book of an environment: that of its last overlay, if it has any.

    A city of another size has other subnets, so its addresses are given anew.
    """
    overlays = environment.overlays
    return (root / OVERLAYS / overlays[-1] if overlays else root) / ADDRESS_FILE


def _folders(
    root: Path, settings: Part[EnvironmentDeclared], problems: list[Problem]
) -> tuple[Path, ...]:
    """Return the site's folder and those laid over it."""
    folders = [root]
    for index, name in enumerate(settings.declared.overlays):
        folder = root / OVERLAYS / name
        if folder.is_dir():
            folders.append(folder)
        else:
            known = sorted(path.name for path in (root / OVERLAYS).glob("*/"))
            problems.append(
                settings.problem(
                    f"there is no folder {OVERLAYS}/{name}",
                    f"there are: {', '.join(known)}" if known else "create it",
                    "overlays",
                    index,
                )
            )
    return tuple(folders)


def _part(path: Path, model: type[Declared], problems: list[Problem]) -> Part[Declared] | None:
    document = read_document(path, problems)
    return _validated(document, model, problems) if document is not None else None


def _validated(
    document: Map, model: type[Declared], problems: list[Problem]
) -> Part[Declared] | None:
    try:
        return Part(document, model.model_validate(document))
    except ValidationError as error:
        problems += problems_of(document, model, error)
        return None


def _layered(paths: Iterable[Path], last: object, problems: list[Problem]) -> Map | None:
    """Return the documents laid over each other, those that exist; None if one is broken."""
    result: Map | None = None
    for path in paths:
        document = read_document(path, problems)
        if document is None:
            return None
        result = merged(result, document) if result is not None else document
    return merged(result, last) if result is not None else None


def _site(
    folders: tuple[Path, ...], settings: Part[EnvironmentDeclared], problems: list[Problem]
) -> Part[SiteDeclared] | None:
    first, *overlays = (folder / SITE_FILE for folder in folders)
    paths = [first, *(path for path in overlays if path.is_file())]
    document = _layered(paths, settings.document.get("site"), problems)
    return _validated(document, SiteDeclared, problems) if document is not None else None


def _systems(
    folders: tuple[Path, ...], settings: Part[EnvironmentDeclared], problems: list[Problem]
) -> tuple[Part[SystemDeclared], ...]:
    changes = settings.document.get("systems")
    known = changes if isinstance(changes, Map) else {}
    paths: dict[str, list[Path]] = {}
    for folder in folders:
        for path in sorted((folder / "systems").glob("*.yaml")):
            paths.setdefault(path.stem, []).append(path)
    problems += [
        settings.problem(
            f"changes a system {name!r} that does not exist",
            "name a file of systems/, without its ending",
            "systems",
            name,
        )
        for name in known
        if name not in paths
    ]
    parts = [
        _system(paths[stem], known.get(stem), problems)
        for stem in sorted(paths)
        # A null takes the whole system out of the environment.
        if not (stem in known and known[stem] is None)
    ]
    return tuple(part for part in parts if part)


def _system(
    paths: list[Path], change: object, problems: list[Problem]
) -> Part[SystemDeclared] | None:
    document = _layered(paths, change, problems)
    return _validated(document, SystemDeclared, problems) if document is not None else None


def _addresses(path: Path, problems: list[Problem]) -> Map:
    nowhere = Map(Position(str(path), 0, ""))
    if not path.exists():
        return nowhere
    return read_flat(path) or read_document(path, problems) or nowhere
