"""Explain: what a setting means, what it is in this environment, and where that comes from."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from govstack.errors import GovstackError, UnknownSelection
from govstack.operations.plan import plan
from govstack.operations.report import PlannedNode
from govstack.operations.reports_site import Explanation, Setting
from govstack.operations.target import Target
from govstack.site.meaning import Meaning, meaning_of
from govstack.site.origin import ENVIRONMENT, SYSTEMS, Origins, Saying, Where, read_origins
from govstack.values.observer import Note
from govstack.values.result import Result

Keys = tuple[str, ...]

CHANGES: Final = frozenset({(ENVIRONMENT, "site"), (ENVIRONMENT, SYSTEMS)})
"""Sections of changes: what they do not say is as others say it."""


def explain(target: Target, path: str = "") -> Result[Explanation]:
    """Tell what a setting means, its value, and every file that speaks of it.

    Args:
        target: the site and environment; the site need not be valid.
        path: keys joined by dots, such as ``zones.PUB.supernet``; empty for all that there is.

    Raises:
        SiteInvalid, SiteNotFound: a file cannot be read.
        UnknownSelection: there is no such setting or environment.
    """
    origins = read_origins(target.root, target.environment)
    keys = parse_path(path)
    meaning = _meaning(origins, keys)
    sayings = origins.sayings(keys)
    nodes, notes = _nodes(target, keys)
    counts = None if meaning.is_section else _counts(sayings, meaning)
    report = Explanation(
        site=str(origins.value(("id",))),
        environment=target.environment,
        path=write_path(origins, keys),
        meaning=meaning.text,
        detail=meaning.detail,
        allowed=meaning.allowed,
        default=meaning.default,
        required=meaning.required,
        example=meaning.example,
        now=counts,
        overrode=tuple(s for s in reversed(sayings) if s != counts and not meaning.is_section),
        settings=tuple(_settings(origins, keys, meaning)),
        nodes=nodes,
    )
    return Result(data=report, notes=notes)


def paths(target: Target, begin: str) -> tuple[tuple[str, str], ...]:
    """Return the paths one step on from what somebody has written, with what each means.

    Raises:
        SiteInvalid, SiteNotFound: a file cannot be read.
        UnknownSelection: there is no such environment.
    """
    origins = read_origins(target.root, target.environment)
    above = parse_path(begin.rpartition(".")[0])
    meaning = meaning_of(above)
    if meaning is None:
        return ()
    found = (((*above, key), text) for key, text in _below(origins, above, meaning).items())
    return tuple((write_path(origins, keys), text) for keys, text in found)


def parse_path(path: str) -> Keys:
    """Return the keys of a path; an index is written ``flows[0]`` or ``flows.0``."""
    return tuple(part for part in re.split(r"[.\[\]]+", path.strip()) if part)


def write_path(origins: Origins, keys: Keys) -> str:
    """Return a path as it is written in messages: ``flows[0].from``."""
    text = ""
    for place, key in enumerate(keys):
        if isinstance(origins.value(keys[:place]), list):
            text += f"[{key}]"
        else:
            text += f".{key}" if text else key
    return text


def _meaning(origins: Origins, keys: Keys) -> Meaning:
    """Return what the path means, if every name in it is known."""
    meaning = meaning_of(())
    for place, key in enumerate(keys):
        above = keys[:place]
        known = _below(origins, above, meaning) if meaning else {}
        below = meaning_of((*above, key))
        if key not in known or below is None:
            raise _unknown(origins, keys, place, tuple(known))
        meaning = below
    if meaning is None:
        raise _unknown(origins, keys, 0, ())
    return meaning


def _below(origins: Origins, above: Keys, meaning: Meaning) -> Mapping[str, str]:
    """Return the keys below a section, or the indices below a list, with what they mean."""
    value = origins.value(above)
    if isinstance(value, list):
        return {str(index): "" for index in range(len(value))}
    known = dict(meaning.keys)
    if meaning.is_section and not known and isinstance(value, Mapping):
        known = {key: _title(item) for key, item in value.items()}
    return known


def _title(item: object) -> str:
    return str(item.get("name") or "") if isinstance(item, Mapping) else ""


def _unknown(origins: Origins, keys: Keys, place: int, known: Sequence[str]) -> UnknownSelection:
    above, key = keys[:place], keys[place]
    systems = origins.value((SYSTEMS,))
    if not above and isinstance(systems, Mapping) and key in systems:
        hint = f"did you mean {write_path(origins, (SYSTEMS, *keys))}?"
    elif isinstance(origins.value(above), list):
        number = "1 item" if len(known) == 1 else f"{len(known)} items"
        hint = f"{write_path(origins, above)} has {number}, counted from 0"
    elif not known:
        hint = f"{write_path(origins, above)} has nothing below it"
    elif near := difflib.get_close_matches(key, known, n=1):
        hint = f"did you mean {write_path(origins, (*above, near[0], *keys[place + 1 :]))}?"
    else:
        hint = f"known here: {', '.join(known)}"
    return UnknownSelection(f"there is no setting {write_path(origins, keys)!r}", hint=hint)


def _counts(sayings: Sequence[Saying], meaning: Meaning) -> Saying | None:
    """Return what counts: what is said last, else the default; None if it is missing."""
    if sayings and not sayings[-1].removed:
        return sayings[-1]
    if meaning.required:
        return None
    return Saying(value=meaning.default, where=Where.DEFAULT)


def _settings(origins: Origins, keys: Keys, meaning: Meaning) -> Iterator[Setting]:
    """Yield what is below a section or a list of sections; of whole files only what they are."""
    whole = keys in {(), (SYSTEMS,)}
    for key, text in _below(origins, keys, meaning).items():
        below = (*keys, key)
        inner = meaning_of(below)
        if inner is None or (inner.allowed and isinstance(origins.value(keys), list)):
            continue
        if inner.is_section and not whole and origins.value(below):
            yield from _settings(origins, below, inner)
            continue
        says = None if whole else _counts(origins.sayings(below), inner)
        if says and says.where is Where.DEFAULT and keys[:2] in CHANGES:
            continue
        yield Setting(path=write_path(origins, below), meaning=text or inner.text, says=says)


def _nodes(target: Target, keys: Keys) -> tuple[tuple[PlannedNode, ...], tuple[Note, ...]]:
    """Return what follows for the nodes of a system or of one of its roles."""
    if keys[:1] != (SYSTEMS,) or len(keys) == 1 or keys[2:3] not in {(), ("nodes",)}:
        return (), ()
    try:
        systems = plan(target).data.systems
    except GovstackError as error:
        return (), (Note(f"what follows from it is not known: {error}"),)
    return tuple(
        node
        for system in systems
        for node in system.nodes
        if system.id == keys[1] and keys[3:4] in {(), (node.role,)}
    ), ()
