"""What is in a system's project that its stack did not make.

Keystone deletes a project with all that is in it still there; nobody owns it then, and nobody
sees it but those who pay for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from govstack.clouds.check import TIMEOUT
from govstack.clouds.failure import request_of
from govstack.clouds.patience import config_of
from govstack.errors import CloudUnreachable
from govstack.plan.demand import KEY_MANAGER, LOAD_BALANCER, OBJECT_STORE

if TYPE_CHECKING:
    from openstack.connection import Connection

AT_ONCE: Final = 8
"""How many projects are looked at side by side."""

UNAUTHORIZED: Final = 401
PASSING: Final = ("network:", "compute:", "Octavia", "octavia")
"""How owners of ports begin that come and go with something else: DHCP, routers, servers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that a project may hold: whose service lists it, and how."""

    word: str
    services: frozenset[str]
    listed: Callable[["Connection"], Iterable[Any]]


def _ports(cloud: "Connection") -> Iterator[Any]:
    for port in cloud.network.ports(project_id=cloud.current_project_id):
        if not str(port.device_owner or "").startswith(PASSING):
            yield port


COMPUTE: Final = frozenset({"compute"})
NETWORK: Final = frozenset({"network"})
VOLUMES: Final = frozenset({"block-storage", "volumev3", "block-store"})

KINDS: Final = (
    Kind("server", COMPUTE, lambda cloud: cloud.compute.servers()),
    Kind("port", NETWORK, _ports),
    Kind(
        "network",
        NETWORK,
        lambda cloud: cloud.network.networks(project_id=cloud.current_project_id),
    ),
    Kind(
        "floating IP",
        NETWORK,
        lambda cloud: cloud.network.ips(project_id=cloud.current_project_id),
    ),
    Kind("volume", VOLUMES, lambda cloud: cloud.block_storage.volumes()),
    Kind("snapshot", VOLUMES, lambda cloud: cloud.block_storage.snapshots()),
    Kind(
        "load balancer",
        frozenset({LOAD_BALANCER}),
        lambda cloud: cloud.load_balancer.load_balancers(project_id=cloud.current_project_id),
    ),
    Kind("container", frozenset({OBJECT_STORE}), lambda cloud: cloud.object_store.containers()),
    Kind("secret", frozenset({KEY_MANAGER}), lambda cloud: cloud.key_manager.secrets()),
)


@dataclass(frozen=True, slots=True)
class Ours:
    """What is ours in a project: by its id, or by how its name begins (nothing, if empty)."""

    ids: frozenset[str] = frozenset()
    prefix: str = ""

    def holds(self, item: Any) -> bool:  # noqa: ANN401 - resources of many services
        """Tell whether a thing is one of ours."""
        if _last(str(item.id)) in self.ids:
            return True
        return bool(self.prefix) and str(item.name or "").startswith(self.prefix)


def strangers_in(clouds_file: Path, projects: Mapping[str, Ours]) -> tuple[str, ...]:
    """Return a phrase for each thing that is in one of these projects and none of ours.

    A project that does not let its own service user in any more is empty: the user goes last.

    Args:
        clouds_file: the environment's clouds.yaml.
        projects: by their entries in it, what is ours there.

    Raises:
        CloudUnreachable: the cloud does not answer.
    """
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = threads.map(
            lambda entry: _in_project(clouds_file, entry, projects[entry]), projects
        )
        return tuple(phrase for phrases in found for phrase in phrases)


def _in_project(clouds_file: Path, entry: str, ours: Ours) -> list[str]:
    from keystoneauth1 import exceptions as auth  # noqa: PLC0415 - heavy, seldom needed
    from openstack import connection, exceptions  # noqa: PLC0415 - as above

    cloud = connection.Connection(config=config_of(clouds_file).get_one(entry, api_timeout=TIMEOUT))
    try:
        cloud.authorize()
        return list(_found(cloud, entry, ours))
    except (auth.Unauthorized, auth.NotFound):
        return []
    except (auth.ClientException, exceptions.SDKException) as error:
        if _is_unauthorized(error):
            return []
        said = f"{error}{request_of(error)}"
        raise CloudUnreachable(
            f"the cloud does not tell what is in the project of {entry}: {said}",
            hint="try again; nothing was removed",
        ) from error
    finally:
        cloud.close()


def _found(cloud: "Connection", entry: str, ours: Ours) -> Iterator[str]:
    services = {str(service["type"]) for service in cloud.service_catalog}
    for kind in KINDS:
        if not services & kind.services:
            continue
        for item in kind.listed(cloud):
            if not ours.holds(item):
                yield f"{kind.word} {item.name or item.id} in {entry}"


def _last(id_: str) -> str:
    """Return the id itself, where it is the end of an address."""
    return id_.rsplit("/", 1)[-1]


def _is_unauthorized(error: BaseException | None) -> bool:
    while error is not None:
        if getattr(error, "http_status", None) == UNAUTHORIZED:
            return True
        error = error.__cause__ or error.__context__
    return False
