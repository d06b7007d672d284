"""What is told of people: who has accounts, and what one of them logs in with."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a person is given by govstack: a second factor, or a password to sign in with."""

    CODES = "codes"
    PASSWORD = "password"  # noqa: S105 - a kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReport:
    """Somebody with an account.

    Attributes:
        tenant: the department's name.
        duty: which of the three administrators it is; empty for who signs in to applications.
        hosts: how many hosts the person comes to.
        kind: what the person is given.
        shown: the day that it was shown on; empty if it was not yet.
        expires: the last day that the account is granted for; empty for no end.
        is_in_force: whether it is granted today.
    """

    account: str
    name: str
    tenant: str
    duty: str
    hosts: int
    kind: Kind
    shown: str = ""
    expires: str = ""
    is_in_force: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleReport:
    """All people of an environment, by account."""

    site: str
    name: str
    environment: str
    people: tuple[PersonReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSecret:
    """What one person logs in with, shown once.

    Attributes:
        secret: in clear: the password, or the seed of codes in base 32.
        address: what an application for codes takes in, or where one signs in.
        is_new: whether it takes the place of another.
    """

    account: str
    name: str
    kind: Kind
    secret: str
    address: str
    is_new: bool = False
