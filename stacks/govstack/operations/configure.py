"""Configure: makes hosts what the site says, by the roles of the collection; only what changed."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from govstack import sandbox
from govstack.configure.batches import batches_of
from govstack.configure.collection import Roles
from govstack.configure.look import told_by
from govstack.configure.run import run_job
from govstack.errors import ConfigureFailed, InventoryStale, UnknownSelection
from govstack.inventory.make import make_inventory
from govstack.inventory.model import Inventory
from govstack.inventory.tables import role_table
from govstack.inventory.variables.model import HostRoles
from govstack.inventory.variables.table import NOT_WRITTEN, host_roles
from govstack.inventory.variables.view import View
from govstack.operations.certificates import renew_here
from govstack.operations.doubts import knowledge
from govstack.operations.holding import holding
from govstack.operations.host_runs import (
    UNREACHED,
    HostRuns,
    Setting,
    further,
    new_run_folder,
)
from govstack.operations.inventory import login_of
from govstack.operations.materials import Kept
from govstack.operations.moves import by_present_id
from govstack.operations.passing import passing_folder
from govstack.operations.report_configure import ConfiguredHost, ConfigureReport
from govstack.operations.session import Session, open_session
from govstack.operations.ssh import prepare
from govstack.operations.target import Target
from govstack.operations.trusting import moment
from govstack.operations.wish import Wish
from govstack.state.hosts import forget_configured, read_configured
from govstack.state.records import read_records
from govstack.state.secrets import passphrase
from govstack.values.digest import keyed_digest
from govstack.values.observer import Level, Note, Observer, Outcome, StepFinished, StepStarted
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

REASON: Final = "configure"
ASKING: Final = "hosts"
WAYLESS: Final = "no flow of the site lets operators come to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """All that is known before the first host is changed.

    Attributes:
        chosen: hosts with their roles, in the order of the plan.
        digests: of each of them, what it is configured with.
        wayless: hosts that no flow lets operators come to.
        unknown: hosts that do not show who they are, with the reason.
        configuration: of ssh.
    """

    inventory: Inventory
    chosen: tuple[HostRoles, ...]
    digests: Mapping[str, str]
    wayless: frozenset[str]
    unknown: Mapping[str, str]
    configuration: Path
    roles: Roles


def configure(
    target: Target, observer: Observer, wish: Wish, *, program: tuple[str, ...]
) -> Result[ConfigureReport]:
    """Configure the hosts of an environment.

    Args:
        target: the site and environment.
        observer: told of progress.
        wish: which hosts, and how.
        program: govstack's own command line, up to its verb; ssh connects with it.

    Raises:
        UnknownSelection: there is no such system, host or role.
        InventoryStale: the records may not be true any more.
        Locked: another run holds the environment.
        SandboxFailed: the embedded cloud does not run, or has no hosts.
        TrustFailed: a certificate is past its day.
    """
    started = time.monotonic()
    session = _open(target, wish)
    with holding(session, observer, REASON), passing_folder() as private:
        ready = _ready(session, wish, program)
        done = _run(session, observer, wish, ready, private)
    order = {host.host: place for place, host in enumerate(ready.chosen)}
    report = ConfigureReport(
        site=session.plan.site,
        name=session.plan.name,
        environment=session.plan.environment.name,
        seconds=time.monotonic() - started,
        check=wish.check,
        hosts=tuple(sorted(done.hosts, key=lambda host: order[host.name])),
        folder=str(done.folder or ""),
    )
    code = ConfigureFailed.exit_code if report.failures else 0
    return Result(data=report, exit_code=code, notes=(*session.notes, *_notes(ready)))


def _open(target: Target, wish: Wish) -> Session:
    session = open_session(target)
    environment = session.plan.environment
    if not environment.is_embedded or not sandbox.has_hosts(session.places.sandbox):
        raise UnknownSelection(
            f"the hosts of the environment {environment.name!r} are not known to govstack",
            hint="only servers of an embedded cloud that are hosts are configured by this verb; "
            "govstack inventory --write makes files for an Ansible of your own",
        )
    systems = [system.id for system in session.plan.systems]
    hosts = [node.name for system in session.plan.systems for node in system.nodes]
    table = role_table()
    roles = [*table.every, *(each.role for each in table.further), *table.closing]
    for kind, wished, known in (
        ("system", wish.systems, systems),
        ("host", wish.hosts, hosts),
        ("role", wish.roles, roles),
    ):
        for name in wished:
            if name not in known:
                raise UnknownSelection(f"there is no {kind} {name!r}", hint=suggestion(name, known))
    return session


def _ready(session: Session, wish: Wish, program: tuple[str, ...]) -> _Ready:
    """Make ready all that runs need; the environment is held."""
    plan, places = session.plan, session.places
    records = by_present_id(read_records(places), plan.stacks)
    known = knowledge(session, records, "")
    wished = [system for system in plan.systems if not wish.systems or system.id in wish.systems]
    names = {node.name for system in wished for node in system.nodes}
    names &= set(wish.hosts) or names
    doubts = [text for text in known.doubts if text.split()[0] in _systems(session, names)]
    if doubts:
        raise InventoryStale(tuple(doubts))
    login = login_of(session)
    inventory = make_inventory(session.site, plan, known.known, login)
    renew_here(session, moment())
    material = Kept(session)
    table = role_table()
    roles = Roles(table.collection)
    view = View(session.site, plan, inventory, login, material)
    made = tuple(
        host for host in host_roles(view, table.collection, roles.present()) if host.host in names
    )
    digests = _digests(session, inventory, made, roles)
    material.keep()
    for gone in read_configured(places).keys() - view.machines.keys():
        forget_configured(places, gone)
    path = {via for host in inventory.hosts if host.name in names for via in host.way}
    configuration, unknown = prepare(session, program, sorted(names | path))
    wayless = {host.name for host in inventory.hosts if not host.is_reachable}
    return _Ready(
        inventory=inventory,
        chosen=tuple(_narrowed(host, wish, table.collection) for host in made),
        digests=digests,
        wayless=frozenset(wayless),
        unknown={name: why for name, why in unknown.items() if name in names - wayless},
        configuration=configuration,
        roles=roles,
    )


def _systems(session: Session, hosts: Collection[str]) -> set[str]:
    return {
        system.id
        for system in session.plan.systems
        if any(node.name in hosts for node in system.nodes)
    }


def _narrowed(host: HostRoles, wish: Wish, collection: str) -> HostRoles:
    wished = {f"{collection}.{role}" for role in wish.roles}
    return replace(host, roles=tuple(r for r in host.roles if not wished or r in wished))


def _digests(
    session: Session, inventory: Inventory, hosts: Sequence[HostRoles], roles: Roles
) -> dict[str, str]:
    """Return of each host a keyed digest of all that it is configured with."""
    files = roles.digests({role for host in hosts for role in host.roles})
    shared = {name: value for name, value in files.items() if "/" in name or name == "plugins"}
    servers = {each.name: each.variables["govstack_resource_id"] for each in inventory.hosts}
    key = passphrase(session.places)
    return {
        host.host: keyed_digest(
            {
                "roles": {role: files[role] for role in host.roles},
                "order": host.roles,
                "shared": shared,
                "server": servers[host.host],
                "variables": host.variables,
            },
            key,
        )
        for host in hosts
    }


@dataclass(frozen=True, slots=True)
class _Done:
    hosts: tuple[ConfiguredHost, ...]
    folder: Path | None


def _run(session: Session, observer: Observer, wish: Wish, ready: _Ready, private: Path) -> _Done:
    names = {system.id: system.name for system in session.plan.systems}
    hosts: list[ConfiguredHost] = []
    waiting: list[HostRoles] = []
    for host in _wanting(session, observer, wish, ready):
        if isinstance(host, HostRoles):
            waiting.append(host)
        else:
            hosts.append(replace(host, system_name=names[host.system]))
    if not waiting:
        return _Done(tuple(hosts), None)
    ready.roles.link(private / "collections")
    setting = Setting(
        places=session.places,
        inventory=ready.inventory,
        names=names,
        digests=ready.digests,
        roles=ready.roles,
        private=private,
        folder=new_run_folder(session.places),
        check=wish.check,
        diff=wish.diff,
        remembers=not (wish.check or wish.roles),
    )
    runs = HostRuns(setting, observer, run_job)
    for batch in batches_of(waiting, role_table().serial):
        hosts += runs.run(batch)
    return _Done(tuple(hosts), setting.folder)


def _wanting(
    session: Session, observer: Observer, wish: Wish, ready: _Ready
) -> Iterator[HostRoles | ConfiguredHost]:
    """Yield hosts that are to be run, and what is known already of the others."""
    known = {} if wish.everything or wish.roles else read_configured(session.places)
    same = [
        host.host
        for host in ready.chosen
        if host.host in known
        and known[host.host].digest == ready.digests[host.host]
        and host.host not in ready.unknown
    ]
    answers = _asked(observer, ready, same) if same else {}
    for host in ready.chosen:
        digest, why = answers.get(host.host, ("", ""))
        why = why or ready.unknown.get(host.host, "")
        if host.host in ready.wayless:
            yield replace(_unchanged(host), outcome=Outcome.SKIPPED, error=WAYLESS)
        elif why:
            yield _failed(host, why)
        elif not host.roles or digest == ready.digests[host.host]:
            yield _unchanged(host)
        else:
            yield host


def _asked(
    observer: Observer, ready: _Ready, hosts: Sequence[str]
) -> Mapping[str, tuple[str, str]]:
    started = time.monotonic()
    observer.notify(StepStarted(ASKING, "asked whether they are as they were left"))
    answers = told_by(ready.configuration, hosts)
    bad = sum(bool(why) for _, why in answers.values())
    outcome = Outcome.FAILED if bad else Outcome.DONE
    detail = f"{len(hosts) - bad} of {len(hosts)} answer"
    observer.notify(StepFinished(ASKING, outcome, time.monotonic() - started, detail))
    return answers


def _unchanged(host: HostRoles) -> ConfiguredHost:
    return ConfiguredHost(
        name=host.host,
        system=host.system,
        system_name="",
        layer=host.layer,
        outcome=Outcome.UNCHANGED,
    )


def _failed(host: HostRoles, why: str) -> ConfiguredHost:
    return replace(
        _unchanged(host),
        outcome=Outcome.FAILED,
        task=UNREACHED,
        error=why,
        hint=further(host.host, None),
    )


def _notes(ready: _Ready) -> Iterator[Note]:
    """Yield one note for each reason why hosts or roles are left out."""
    hosts = [host for host in ready.chosen if host.host not in ready.wayless]
    without = len(ready.chosen) - len(hosts)
    if without:
        yield Note(f"{_hosts(without)} left out: {WAYLESS}", Level.WARNING)
    unwritten = sorted(
        {role for host in hosts for role, why in host.left.items() if why == NOT_WRITTEN}
    )
    if unwritten:
        yield Note(f"not configured yet: {', '.join(unwritten)}")
    left = Counter(
        (role, why) for host in hosts for role, why in host.left.items() if why != NOT_WRITTEN
    )
    for (role, why), number in sorted(left.items()):
        yield Note(f"{role} is left out on {_hosts(number)}: {why}")


def _hosts(number: int) -> str:
    return "1 host" if number == 1 else f"{number} hosts"
