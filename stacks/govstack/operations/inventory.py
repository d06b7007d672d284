"""Inventory: the hosts of an environment for Ansible, as long as the records are true.

What Ansible would be told of hosts that are not so any more is refused, since nobody sees it there.
"""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from govstack import sandbox
from govstack.errors import (
    FilesUnwritable,
    GovstackError,
    InventoryStale,
    SandboxFailed,
    UnknownSelection,
)
from govstack.inventory.documents import listing, variables_of, yaml_text
from govstack.inventory.make import make_inventory
from govstack.inventory.model import Inventory, Login
from govstack.operations.doubts import knowledge
from govstack.operations.holding import reading
from govstack.operations.inventory_report import InventoryFiles
from govstack.operations.moves import by_present_id
from govstack.operations.session import Session, open_session
from govstack.operations.ssh import USER, users_of, write_configuration
from govstack.operations.target import Target
from govstack.plan.login import ways_in
from govstack.reports.files import write_report
from govstack.state.login import CONFIGURATION
from govstack.state.records import read_records
from govstack.values.observer import Level, Note
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

GENERATED: Final = "generated"
FILE: Final = "inventory.yaml"
HEADING: Final = "Written by `govstack inventory --write`: changes are lost."
SCRIPT: Final = """\
#!/bin/sh
# Ansible's inventory script of this environment. Written by `govstack inventory --write`.
exec "${{GOVSTACK:-govstack}}" --site "$(dirname "$0")/../.." --environment {environment} \\
  inventory "$@"
"""
PLUGIN: Final = """\
# For Ansible's plugin of this name. Written by `govstack inventory --write`.
plugin: govstack.base.govstack
site: ../..
environment: {environment}
"""


def inventory(
    target: Target, subject: str = "", *, program: tuple[str, ...], allow_stale: bool = False
) -> Result[Inventory]:
    """Return the hosts of an environment.

    Args:
        target: the site and environment.
        subject: a system or a host to limit it to; empty for all.
        program: govstack's own command line, up to its verb; ssh connects with it.
        allow_stale: take records that may not be true any more, and say so.

    Raises:
        UnknownSelection: there is no such system or host.
        InventoryStale: the records may not be true any more.
    """
    session = open_session(target)
    made = inventory_of(session, subject, allow_stale=allow_stale)
    return Result(data=made.data, notes=(*made.notes, *_let_in(session, program)))


def listed(target: Target, *, program: tuple[str, ...], allow_stale: bool = False) -> Result[str]:
    """Return what Ansible's script protocol wants for ``--list``; raises as `inventory` does."""
    result = inventory(target, program=program, allow_stale=allow_stale)
    return Result(data=listing(result.data), notes=result.notes)


def host_variables(target: Target, host: str, *, allow_stale: bool = False) -> Result[str]:
    """Return what the script protocol wants for ``--host``; raises as `inventory` does."""
    session = open_session(target)
    nodes = [node.name for system in session.plan.systems for node in system.nodes]
    if host not in nodes:
        raise UnknownSelection(f"there is no host {host!r}", hint=suggestion(host, nodes))
    result = inventory_of(session, host, allow_stale=allow_stale)
    (found,) = result.data.hosts
    return Result(data=variables_of(found), notes=result.notes)


def as_yaml(
    target: Target,
    subject: str = "",
    *,
    program: tuple[str, ...],
    allow_stale: bool = False,
) -> Result[str]:
    """Return the inventory as Ansible's YAML form; raises as `inventory` does."""
    result = inventory(target, subject, program=program, allow_stale=allow_stale)
    return Result(data=yaml_text(result.data), notes=result.notes)


def write(
    target: Target, *, program: tuple[str, ...], allow_stale: bool = False
) -> Result[InventoryFiles]:
    """Write inventory, script and plugin's file below the site's folder; raises as `inventory`.

    Raises:
        FilesUnwritable: the folder cannot be written to.
    """
    session = open_session(target)
    result = inventory_of(session, "", allow_stale=allow_stale)
    notes = (*result.notes, *_let_in(session, program))
    folder = target.root / GENERATED / target.environment
    try:
        paths = _write(folder, result.data, target.environment)
    except OSError as error:
        raise FilesUnwritable(
            f"{folder} cannot be written to: {error.strerror}",
            hint="the inventory without files: govstack inventory --format yaml",
        ) from error
    files = InventoryFiles(hosts=len(result.data.hosts), paths=tuple(map(str, paths)))
    return Result(data=files, notes=notes)


def refresh(target: Target, program: tuple[str, ...]) -> tuple[Note, ...]:
    """Write the files anew where they are; return what keeps them from being true."""
    path = target.root / GENERATED / target.environment / FILE
    if not path.exists():
        return ()
    try:
        return write(target, program=program).notes
    except GovstackError as error:
        return (Note(f"{path} was not written anew: {error}", Level.WARNING),)


def inventory_of(session: Session, subject: str, *, allow_stale: bool) -> Result[Inventory]:
    """Return the hosts of an environment that is loaded; raises as `inventory` does."""
    _check(session, subject)
    with reading(session):
        records = by_present_id(read_records(session.places), session.plan.stacks)
        found = knowledge(session, records, subject)
    if found.doubts and not allow_stale:
        raise InventoryStale(found.doubts)
    made = make_inventory(session.site, session.plan, found.known, login_of(session), subject)
    return Result(data=made, notes=tuple(Note(text, Level.WARNING) for text in found.doubts))


def _check(session: Session, subject: str) -> None:
    systems = session.plan.systems
    names = [*(each.id for each in systems), *(n.name for each in systems for n in each.nodes)]
    if subject and subject not in names:
        raise UnknownSelection(
            f"there is no system or host {subject!r}", hint=suggestion(subject, names)
        )


def login_of(session: Session) -> Login:
    """Return how one logs in: into hosts of the embedded cloud as `govstack ssh` does it."""
    if not _has_hosts(session):
        return Login()
    return Login(
        ways=ways_in(session.site, session.plan, IPv4Address(sandbox.OPERATOR)),
        configuration=str(session.places.login / CONFIGURATION),
        user=USER,
        users=users_of(session),
    )


def _has_hosts(session: Session) -> bool:
    return session.plan.environment.is_embedded and sandbox.has_hosts(session.places.sandbox)


def _let_in(session: Session, program: tuple[str, ...]) -> tuple[Note, ...]:
    """Tell ssh how the hosts are come to; return why they cannot be, if so."""
    if not _has_hosts(session):
        return ()
    try:
        with reading(session):
            write_configuration(session, program)
    except SandboxFailed as error:
        return (Note(f"the hosts cannot be reached: {error}", Level.WARNING),)
    return ()


def _write(folder: Path, made: Inventory, environment: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        folder / FILE: yaml_text(made, HEADING),
        folder / "inventory.sh": SCRIPT.format(environment=environment),
        folder / "govstack.yml": PLUGIN.format(environment=environment),
    }
    for path, text in files.items():
        write_report(path, text)
    (folder / "inventory.sh").chmod(0o755)
    if "ansible_ssh_common_args" in made.variables:
        # It names files of this machine, so it is nothing to commit.
        write_report(folder / ".gitignore", "*\n")
    return list(files)
