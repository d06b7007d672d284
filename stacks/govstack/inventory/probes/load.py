"""Reads the probes of the roles, and what a role has by default."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from govstack.errors import Problem
from govstack.inventory.probes.declared import Probe, ProbeFile
from govstack.inventory.tables import read_table, role_table
from govstack.resources import resource
from govstack.site.document import read_document

FOLDER: Final = "probes"
FILE: Final = "probes.yaml"
"""In the role's folder of probes, with the programs that it names beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProbes:
    """The probes of a role.

    Attributes:
        programs: text of those that it names, by file.
        defaults: the variables that the role has by default.
    """

    role: str
    probes: tuple[Probe, ...]
    programs: Mapping[str, str]
    defaults: Mapping[str, object]


def roles_folder() -> Path:
    """Return the folder of the roles that come with govstack."""
    namespace, _, name = role_table().collection.partition(".")
    return resource("roles") / namespace / name / "roles"


@cache
def all_probes(folder: Path) -> Mapping[str, RoleProbes]:
    """Return the probes of all roles in a folder that have some, by role.

    Raises:
        ValueError: something is wrong with a file; says what, and in which line.
    """
    found = sorted(path.parent.parent for path in folder.glob(f"*/{FOLDER}/{FILE}"))
    return {role.name: _read(role) for role in found}


def full_names(probes: Mapping[str, RoleProbes]) -> Collection[str]:
    """Return the names that probes go by: role and id."""
    return [f"{role}.{probe.id}" for role, each in probes.items() for probe in each.probes]


def _read(role: Path) -> RoleProbes:
    path = role / FOLDER / FILE
    table = read_table(path, ProbeFile)
    programs = {
        file: _program(path, file)
        for probe in table.probes
        for step in probe.steps
        if step.python is not None
        for file in (step.python.file,)
    }
    defaults = {**_variables(role / "vars/main.yml"), **_variables(role / "defaults/main.yml")}
    return RoleProbes(role=role.name, probes=table.probes, programs=programs, defaults=defaults)


def _program(table: Path, file: str) -> str:
    role, _, name = file.rpartition("/")
    folder = table.parent.parent.parent / role / FOLDER if role else table.parent
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        message = f"{table}: {file} cannot be read: {error.strerror}"
        raise ValueError(message) from error


def _variables(path: Path) -> dict[str, object]:
    """Return what a role has by default, as far as that needs no Ansible."""
    problems: list[Problem] = []
    document = read_document(path, problems) if path.exists() else None
    if problems:
        raise ValueError("\n".join(str(problem) for problem in problems))
    return {name: value for name, value in (document or {}).items() if not _is_made(value)}


def _is_made(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_is_made, value.values()))
    if isinstance(value, list):
        return any(map(_is_made, value))
    return isinstance(value, str) and "{{" in value
