"""What a run over many stacks goes by."""

from collections.abc import Mapping
from dataclasses import dataclass

from govstack.operations.session import Session
from govstack.state.records import Record
from govstack.values.observer import Observer
from govstack.values.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a run over many stacks goes by.

    Attributes:
        records: the records as they were when the run began.
        passwords: of the service users, by name.
        everything: whether to run also what has not changed.
    """

    session: Session
    observer: Observer
    records: Mapping[str, Record]
    passwords: Mapping[str, Secret]
    everything: bool = False
