"""Where each value of a site comes from in one environment: every file that speaks of it.

Reads the files as they are written, so it also works on a site that is not valid yet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from govstack.errors import Problem, SiteInvalid, SiteNotFound, UnknownSelection
from govstack.site.document import Map, Position, Seq, read_document
from govstack.site.merge import merged
from govstack.site.profiles import path_of
from govstack.site.sources import OVERLAYS, SITE_FILE, environments_of

ENVIRONMENT: Final = "environment"
PROFILE: Final = "profile"
SYSTEMS: Final = "systems"
"""What stands beside the keys of site.yaml at the beginning of a path."""


class Where(StrEnum):
    """What kind of file, if any, a setting's value comes from."""

    SITE = "site"
    OVERLAY = "overlay"
    ENVIRONMENT = "environment"
    PROFILE = "profile"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What one file says of a setting; `removed` if it takes it away.

    `by` is the name of the overlay, environment or profile; `place` is ``file:line``.
    """

    value: object
    where: Where
    by: str = ""
    place: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Stratum:
    """One document, or a part of one, that is laid over those before it."""

    where: Where
    by: str
    document: Map


@dataclass(frozen=True, slots=True)
class Origins:
    """All that speaks of a site in one environment, by what its paths begin with.

    `merged` is what counts: the keys of site.yaml, and beside them systems, environment, profile.
    """

    strata: Mapping[tuple[str, ...], tuple[Stratum, ...]]
    merged: Map

    def sayings(self, path: tuple[str, ...]) -> tuple[Saying, ...]:
        """Return what the files say of a setting; what counts is last."""
        start = self._start(path)
        rest = path[len(start) :]
        found = (_saying(stratum, rest) for stratum in self.strata.get(start, ()))
        return tuple(saying for saying in found if saying)

    def value(self, path: tuple[str, ...]) -> object:
        """Return the value that counts; None if there is none."""
        here: object = self.merged
        for part in path:
            here = _below(here, part)
        return here

    def _start(self, path: tuple[str, ...]) -> tuple[str, ...]:
        if path[:1] == (SYSTEMS,):
            return path[:2]
        return path[:1] if path[:1] in {(ENVIRONMENT,), (PROFILE,)} else ()


def read_origins(root: Path, environment: str) -> Origins:
    """Read all files of the site that count in this environment.

    Raises:
        SiteNotFound: the folder holds no site.
        UnknownSelection: the site has no such environment.
        SiteInvalid: a file is no YAML.
    """
    if not (root / SITE_FILE).is_file():
        raise SiteNotFound(
            f"there is no site in {root}: no file {SITE_FILE}",
            hint="name the site's folder with --site",
        )
    known = environments_of(root)
    if environment not in known:
        raise UnknownSelection(
            f"the site {root.resolve().name} has no environment {environment!r}",
            hint=f"there are: {', '.join(known)}" if known else "write environments/sandbox.yaml",
        )
    problems: list[Problem] = []
    strata = _Reader(root, environment, problems).strata()
    if problems:
        raise SiteInvalid(tuple(problems))
    return Origins(strata, _tree(strata))


class _Reader:
    """Reads documents in the order in which they are laid over each other."""

    def __init__(self, root: Path, environment: str, problems: list[Problem]) -> None:
        self._root = root
        self._environment = environment
        self._problems = problems

    def strata(self) -> dict[tuple[str, ...], tuple[Stratum, ...]]:
        root, name = self._root, self._environment
        settings = self._read(root / "environments" / f"{name}.yaml", Where.ENVIRONMENT, name)
        if settings is None:
            return {}
        last = settings.document
        folders = [(root, Where.SITE, "")]
        overlays = last.get("overlays")
        names = [str(item) for item in overlays] if isinstance(overlays, Seq) else []
        folders += [(root / OVERLAYS / item, Where.OVERLAY, item) for item in names]
        result = {
            (): (*self._site(folders), *self._part(last.get("site"))),
            (ENVIRONMENT,): (settings,),
            (PROFILE,): (*self._profile(last), *self._part(last.get("capabilities"))),
        }
        changes = last.get(SYSTEMS)
        for system, found in self._systems(folders).items():
            change = changes.get(system) if isinstance(changes, Map) else None
            gone = isinstance(changes, Map) and system in changes and change is None
            if not gone:
                result[SYSTEMS, system] = (*found, *self._part(change))
        return result

    def _site(self, folders: list[tuple[Path, Where, str]]) -> Iterator[Stratum]:
        for folder, where, by in folders:
            path = folder / SITE_FILE
            if (stratum := self._read(path, where, by) if path.is_file() else None) is not None:
                yield stratum

    def _systems(self, folders: list[tuple[Path, Where, str]]) -> dict[str, list[Stratum]]:
        found: dict[str, list[Stratum]] = {}
        for folder, where, by in folders:
            for path in sorted((folder / SYSTEMS).glob("*.yaml")):
                if stratum := self._read(path, where, by):
                    found.setdefault(path.stem, []).append(stratum)
        return dict(sorted(found.items()))

    def _profile(self, settings: Map) -> Iterator[Stratum]:
        name = str(settings.get(PROFILE, ""))
        path = path_of(self._root, name)
        if path.is_file() and (stratum := self._read(path, Where.PROFILE, name)):
            yield stratum

    def _part(self, part: object) -> Iterator[Stratum]:
        if isinstance(part, Map):
            yield Stratum(Where.ENVIRONMENT, self._environment, part)

    def _read(self, path: Path, where: Where, by: str) -> Stratum | None:
        document = read_document(path, self._problems)
        return Stratum(where, by, document) if document is not None else None


def _tree(strata: Mapping[tuple[str, ...], tuple[Stratum, ...]]) -> Map:
    nowhere = Position("", 0, "")
    whole = Map(nowhere)
    systems = Map(nowhere)
    for start, layers in strata.items():
        document: Map = Map(nowhere)
        for layer in layers:
            document = merged(document, layer.document)
        if not start:
            whole.update(document)
        elif start[0] == SYSTEMS:
            systems[start[1]] = document
        else:
            whole[start[0]] = document
    whole[SYSTEMS] = systems
    return whole


def _saying(stratum: Stratum, path: tuple[str, ...]) -> Saying | None:
    """Return what a document says of a path, also by replacing or removing what is above it."""
    here: object = stratum.document
    position = stratum.document.position
    for part in path:
        if isinstance(here, Map):
            if part not in here:
                return None
            position = here.places[part]
        elif isinstance(here, Seq) and part.isdecimal() and int(part) < len(here):
            position = here.places[int(part)]
        else:
            here = None
            break
        here = _below(here, part)
    return Saying(
        value=here,
        where=stratum.where,
        by=stratum.by,
        place=f"{position.file}:{position.line}",
        removed=here is None,
    )


def _below(here: object, part: str) -> object:
    if isinstance(here, Map):
        return here.get(part)
    if isinstance(here, Seq) and part.isdecimal() and int(part) < len(here):
        return here[int(part)]
    return None
