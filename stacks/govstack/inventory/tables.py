"""The tables of roles and of operating systems, checked when they are read."""

import functools
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from govstack.errors import Problem
from govstack.site.document import read_document
from govstack.site.fields import PortText
from govstack.site.kinds import Domain, Exposure, Layer
from govstack.site.mistakes import problems_of

FOLDER: Final = Path(__file__).parent
OTHER: Final = "other"
"""The family of operating systems that the table does not know."""

NAME: Final = r"^[a-z][a-z0-9_]*$"
Table = TypeVar("Table", bound="Strict")


class Strict(BaseModel):
    """A part of a table: nothing may stand there that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Where(Strict):
    """What must be so of a host; what is left out may be anything."""

    system: tuple[str, ...] = ()
    node_role: tuple[str, ...] = ()
    layer: tuple[Layer, ...] = ()
    domain: tuple[Domain, ...] = ()
    service: tuple[str, ...] = ()
    port: tuple[PortText, ...] = ()
    exposure: tuple[Exposure, ...] = ()
    way_in: bool | None = None
    balancer: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Where":
        if not self.model_fields_set:
            message = "names nothing, so it would apply to every host"
            raise ValueError(message)
        return self


class Further(Strict):
    """A role that some hosts get."""

    role: str = Field(pattern=NAME)
    alone: bool = False
    serial: bool = False
    where: tuple[Where, ...] = Field(min_length=1)


class RoleTable(Strict):
    """Which roles there are, and which hosts get them."""

    format: Literal[1]
    collection: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    every: tuple[str, ...]
    closing: tuple[str, ...] = ()
    further: tuple[Further, ...]

    @model_validator(mode="after")
    def _names_each_once(self) -> "RoleTable":
        names = [*self.every, *(each.role for each in self.further), *self.closing]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"stands there twice: {', '.join(twice)}"
            raise ValueError(message)
        return self

    @property
    def serial(self) -> frozenset[str]:
        """Return the full names of roles that the hosts of a system get one after another."""
        return frozenset(f"{self.collection}.{each.role}" for each in self.further if each.serial)


class Family(Strict):
    """A family of operating systems; behind its distributions stands whom they let in."""

    interpreter: str = Field(pattern=r"^/")
    distributions: dict[str, str] = Field(min_length=1)


class FamilyTable(Strict):
    """Which families there are."""

    format: Literal[1]
    families: dict[str, Family]

    @model_validator(mode="after")
    def _names_each_once(self) -> "FamilyTable":
        names = [name for family in self.families.values() for name in family.distributions]
        if len(set(names)) < len(names) or OTHER in self.families:
            message = f"a distribution is of two families, or a family is called {OTHER!r}"
            raise ValueError(message)
        return self

    def family_of(self, distribution: str) -> str:
        """Return the family of a distribution, `OTHER` if it is not known."""
        found = (
            name for name, family in self.families.items() if distribution in family.distributions
        )
        return next(found, OTHER)

    def user_of(self, distribution: str) -> str:
        """Return whom images of a distribution let in, empty if that is not known."""
        found = (family.distributions.get(distribution) for family in self.families.values())
        return next((user for user in found if user), "")


@functools.cache
def role_table(folder: Path = FOLDER) -> RoleTable:
    """Return the table of roles.

    Raises:
        ValueError: something is wrong with it; says what, and in which line.
    """
    return read_table(folder / "roles.yaml", RoleTable)


@functools.cache
def family_table(folder: Path = FOLDER) -> FamilyTable:
    """Return the table of operating systems.

    Raises:
        ValueError: something is wrong with it; says what, and in which line.
    """
    return read_table(folder / "families.yaml", FamilyTable)


def read_table(path: Path, kind: type[Table]) -> Table:
    """Return the table in a file.

    Raises:
        ValueError: something is wrong with it; says what, and in which line.
    """
    problems: list[Problem] = []
    document = read_document(path, problems)
    if document is not None:
        try:
            return kind.model_validate(document)
        except ValidationError as error:
            problems += problems_of(document, kind, error)
    raise ValueError("\n".join(str(problem) for problem in problems))
