"""What an operation returns: data for a renderer, and the exit code that it means."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from govstack.values.observer import Note

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[T_co]):
    """The outcome of one verb.

    Attributes:
        data: the payload, a frozen dataclass that `values.digest.plain` can reduce.
        exit_code: 0, or the code of an outcome that is not an error (8: changes found).
        notes: what the user should know besides.
    """

    data: T_co
    exit_code: int = 0
    notes: tuple[Note, ...] = field(default=())
