"""How an environment reaches its cloud: whose credentials, from where, written where."""

from govstack import sandbox
from govstack.clouds.entry import read_entry
from govstack.operations.session import Session
from govstack.plan.model import ProjectPlan
from govstack.state.credentials import CloudEntry, system_entry, write_clouds
from govstack.state.places import SANDBOX_PROFILE
from govstack.state.secrets import passwords
from govstack.values.observer import Observer
from govstack.values.secret import Secret


def open_access(
    session: Session, projects: tuple[ProjectPlan, ...], observer: Observer
) -> dict[str, Secret]:
    """Write the clouds.yaml of the environment; return the service users' passwords.

    The embedded cloud is started if it is not running.

    Args:
        session: the environment.
        projects: all projects that may be touched, those of removed systems included.
        observer: told of the embedded cloud's start.
    """
    platform = _platform_entry(session, observer)
    known = passwords(session.places, tuple(project.user for project in projects))
    entries = {
        project.system: system_entry(platform, project.name, project.user, known[project.user])
        for project in projects
    }
    write_clouds(session.places, platform, entries)
    return known


def client_of(session: Session) -> str:
    """Return the openstack client that came with the embedded cloud, empty for other clouds."""
    embedded = session.plan.environment.profile == SANDBOX_PROFILE
    return str(sandbox.openstack_client(session.target.cache_home)) if embedded else ""


def _platform_entry(session: Session, observer: Observer) -> CloudEntry:
    environment = session.plan.environment
    if environment.profile != SANDBOX_PROFILE:
        return read_entry(environment.cloud)
    root = session.places.sandbox
    sandbox.start(root, observer, cache=session.target.cache_home)
    return sandbox.connection(root).entry
