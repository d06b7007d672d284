"""How an environment reaches its cloud: whose credentials, from where, written where."""

from collections.abc import Mapping
from typing import Final

from govstack import sandbox
from govstack.clouds.entry import read_entry
from govstack.clouds.patience import PATIENCE_KEY
from govstack.operations.session import Session
from govstack.plan.demand import (
    DNS,
    KEY_MANAGER,
    LOAD_BALANCER,
    OBJECT_STORE,
    cloud_services,
)
from govstack.plan.model import Plan, ProjectPlan
from govstack.sandbox.faults import proxied
from govstack.state.credentials import CloudEntry, system_entry, write_clouds
from govstack.state.secrets import passwords
from govstack.values.observer import Observer
from govstack.values.secret import Secret

EMBEDDED: Final = {
    DNS: "designate",
    KEY_MANAGER: "barbican",
    LOAD_BALANCER: "octavia",
    OBJECT_STORE: "swift",
}
"""The embedded cloud's programs by the type of their service."""


def open_access(
    session: Session, projects: tuple[ProjectPlan, ...], observer: Observer
) -> dict[str, Secret]:
    """Write the clouds.yaml of the environment; return all passwords, by user and by credential.

    The embedded cloud is started if it is not running, with the services that the plan needs.

    Args:
        session: the environment.
        projects: all projects that may be touched, those of removed systems included.
        observer: told of the embedded cloud's start.
    """
    platform = _patient(_platform_entry(session, observer), session)
    users = [project.user for project in projects]
    keys = [credential.key for system in session.plan.systems for credential in system.credentials]
    known = passwords(session.places, (*users, *keys))
    entries = {
        project.birth: system_entry(platform, _named(project), project.user, known[project.user])
        for project in projects
    }
    write_clouds(session.places, platform, entries)
    return known


def embedded_services(plan: Plan) -> tuple[str, ...]:
    """Return what the embedded cloud must run beyond its core."""
    return tuple(sorted(EMBEDDED[service] for service in cloud_services(plan)))


def client_of(session: Session) -> str:
    """Return the openstack client that came with the embedded cloud, empty for other clouds."""
    embedded = session.plan.environment.is_embedded
    return str(sandbox.openstack_client(session.target.cache_home)) if embedded else ""


def _patient(entry: CloudEntry, session: Session) -> CloudEntry:
    """Return the entry with the environment's patience, if it has one of its own."""
    seconds = session.plan.environment.limits.patience_seconds
    return {**entry, PATIENCE_KEY: seconds} if seconds else entry


def _platform_entry(session: Session, observer: Observer) -> CloudEntry:
    environment = session.plan.environment
    if not environment.is_embedded:
        return read_entry(environment.cloud)
    root = session.places.sandbox
    services = embedded_services(session.plan)
    sandbox.start(
        root,
        observer,
        cache=session.target.cache_home,
        services=services,
        hosts=session.wants_hosts,
        systems=session.operating_systems,
    )
    entry = sandbox.connection(root).entry
    auth = entry["auth"]
    if not isinstance(auth, Mapping):
        return entry
    return {**entry, "auth": {**auth, "auth_url": proxied(root, str(auth["auth_url"]))}}


def _named(project: ProjectPlan) -> Mapping[str, str]:
    if project.adopted and project.adopted.id:
        return {"project_id": project.adopted.id}
    return {"project_name": project.adopted.name if project.adopted else project.name}
