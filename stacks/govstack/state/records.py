"""The last record of each system: what its last run was made of, and what came out.

A record is marked unfinished before its system is touched, and finished only after success; so
what a run that died has touched is run again, and is still known when its system was removed
from the site meanwhile.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from govstack.errors import StateUnreadable
from govstack.site.kinds import Layer
from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.values.digest import plain

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a system since it was last run.

    Attributes:
        birth: the id that the system was first declared with; empty for the platform.
        upstream: the systems whose outputs it consumed.
        project: its Keystone project as planned (`ProjectPlan` in plain form), empty for the
            platform.
        finished: whether the run succeeded; the fields below are from the last one that did.
        inputs: keyed digest of all that the run was made from.
        parts: a short one of each part of it, by the part's name.
        checkpoint: digest of the checkpoint that it left.
        outputs: the stack's outputs, without secrets.
        resources: how many resources the stack manages.
        updated: when, ISO 8601 in UTC.
        uses: what of the platform it stands on: ids by kind (`zones`, `flavors`, ...).
        holds: of the platform: what others may stand on, as planned and in plain form, by kind.
        born: the image that each node was born from: `id` in the cloud, `label` for people.
    """

    system: str
    name: str
    layer: Layer
    upstream: tuple[str, ...]
    project: Mapping[str, object]
    birth: str = ""
    finished: bool = False
    inputs: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    checkpoint: str = ""
    outputs: Mapping[str, object] = field(default_factory=dict)
    resources: int = 0
    updated: str = ""
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    holds: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    born: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write_record(places: Places, record: Record) -> None:
    """Keep the record of a system."""
    body = {"format": FORMAT, "record": plain(record)}
    write_private(
        _path(places, record.system), json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False)
    )


def drop_record(places: Places, system: str) -> None:
    """Forget a system that is gone; it need not have a record."""
    _path(places, system).unlink(missing_ok=True)


def read_records(places: Places) -> dict[str, Record]:
    """Return the records of all systems, by id.

    Raises:
        StateUnreadable: a record is damaged or of a newer format.
    """
    records = [_read(path) for path in sorted(places.records.glob("*.json"))]
    return {record.system: record for record in records}


def _path(places: Places, system: str) -> Path:
    return places.records / f"{system}.json"


def _read(path: Path) -> Record:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["format"] != FORMAT:
            raise _unreadable(path, f"its format is {body['format']}, this govstack reads {FORMAT}")
        fields = dict(body["record"])
        layer, upstream = Layer(fields.pop("layer")), tuple(fields.pop("upstream"))
        return Record(layer=layer, upstream=upstream, **fields)
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, f"it is damaged ({error})") from error


def _unreadable(path: Path, reason: str) -> StateUnreadable:
    return StateUnreadable(
        f"the record {path} cannot be read: {reason}",
        hint="remove it to have the system checked against the cloud again, "
        "or use the govstack that wrote it",
    )
