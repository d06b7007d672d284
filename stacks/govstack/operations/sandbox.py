"""Sandbox: the embedded cloud of an environment, for development and tests."""

from collections.abc import Iterator
from dataclasses import replace

from govstack import sandbox
from govstack.errors import UnknownSelection
from govstack.operations.access import embedded_services
from govstack.operations.holding import forget
from govstack.operations.machines import switch_on
from govstack.operations.report_machine import SandboxReport, ServiceReport
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.sandbox.faults import read_faults
from govstack.state.discard import discard
from govstack.state.lock import held
from govstack.values.observer import Observer
from govstack.values.result import Result


def start(target: Target, observer: Observer) -> Result[SandboxReport]:
    """Start the embedded cloud; install it if it never was."""
    session = embedded_session(target)
    with held(session.places.lock, "sandbox start"):
        services = embedded_services(session.plan)
        sandbox.start(
            session.places.sandbox,
            observer,
            cache=target.cache_home,
            services=services,
            hosts=session.wants_hosts,
            systems=session.operating_systems,
        )
        notes = switch_on(session)
    return replace(_report(session), notes=notes)


def stop(target: Target, observer: Observer) -> Result[SandboxReport]:
    """Stop the embedded cloud; what is in it is kept."""
    session = embedded_session(target)
    with held(session.places.lock, "sandbox stop"):
        sandbox.stop(session.places.sandbox, observer)
    return _report(session)


def reset(target: Target, observer: Observer) -> Result[SandboxReport]:
    """Start over with an empty embedded cloud and new secrets.

    What was kept of the environment's stacks goes too, since all of it described the old cloud.
    """
    session = embedded_session(target)
    with held(session.places.lock, "sandbox reset"):
        services = embedded_services(session.plan)
        sandbox.reset(
            session.places.sandbox,
            observer,
            cache=target.cache_home,
            services=services,
            hosts=session.wants_hosts,
            systems=session.operating_systems,
        )
        forget(session)
        discard(session.places)
    return _report(session)


def remove(target: Target, observer: Observer) -> Result[SandboxReport]:
    """Remove the embedded cloud and all that is kept of the environment."""
    session = embedded_session(target)
    with held(session.places.lock, "sandbox remove"):
        sandbox.remove(session.places.sandbox, observer)
        forget(session)
        discard(session.places)
    return _report(session)


def status(target: Target) -> Result[SandboxReport]:
    """Tell how the embedded cloud and each of its services are."""
    return _report(embedded_session(target))


def logs(target: Target, service: str | None, *, lines: int, follow: bool) -> Iterator[str]:
    """Yield the last lines of a service's log, or of all; with `follow`, what comes after too."""
    session = embedded_session(target)
    return sandbox.logs(session.places.sandbox, service, lines=lines, follow=follow)


def connect(target: Target, host: str, port: int, streams: tuple[int, int]) -> None:
    """Connect two descriptors, to read and to write, with an address in the cloud, until it ends.

    Raises:
        SandboxFailed: nobody can come in there from outside.
    """
    root = embedded_session(target).places.sandbox
    with sandbox.connect(root, host, port) as connection:
        sandbox.pump(connection, *streams)


def embedded_session(target: Target) -> Session:
    """Open a session on an environment that runs on the embedded cloud.

    Raises:
        UnknownSelection: it has a cloud of its own.
    """
    session = open_session(target)
    environment = session.plan.environment
    if not environment.is_embedded:
        raise UnknownSelection(
            f"the environment {environment.name!r} has a cloud of its own",
            hint="only environments with profile: sandbox run on the embedded cloud",
        )
    return session


def _report(session: Session) -> Result[SandboxReport]:
    root = session.places.sandbox
    found = sandbox.status(root)
    exists = bool(found.auth_url)
    return Result(
        data=SandboxReport(
            site=session.plan.site,
            environment=session.plan.environment.name,
            state=found.state.value,
            auth_url=found.auth_url,
            dns_port=found.dns_port,
            dns_domain=session.plan.platform.dns_zone,
            clouds=str(sandbox.connection(root).clouds_file) if exists else "",
            cloud=sandbox.CLOUD_NAME,
            client=str(sandbox.openstack_client(session.target.cache_home)) if exists else "",
            root=str(root),
            hosts=_hosts(session) if exists else "",
            faults=tuple(map(str, read_faults(root).faults)),
            services=tuple(
                ServiceReport(
                    name=service.name,
                    state=service.state,
                    port=service.port,
                    pid=service.pid,
                    restarts=service.restarts,
                    memory_mb=service.memory_mb,
                )
                for service in found.services
            ),
        )
    )


def _hosts(session: Session) -> str:
    """Say whether servers are real hosts, and if not, why not."""
    root = session.places.sandbox
    if sandbox.has_hosts(root):
        return "servers are real hosts, and packets follow the network's rules"
    if not session.plan.environment.profile.hosts:
        return "servers are entries without hosts, as the environment wishes"
    if not session.wants_hosts:
        room = f"this machine has room for {sandbox.most_hosts()}"
        return f"servers are entries without hosts: {session.nodes} would be too many, {room}"
    lacks = sandbox.lacking(root) or "the machine could not have them when the cloud was made"
    return f"servers are entries without hosts: {lacks}"
