"""Which services the cloud consists of, and what of them others need to know."""

from dataclasses import dataclass
from typing import Final

REGION: Final = "RegionOne"
COMPUTES: Final = ("compute-1", "compute-2", "compute-3")
"""The hosts that nova believes to have; all of them live in nova's one process."""
MDNS: Final = "designate-mdns"
"""Who answers questions for names."""


@dataclass(frozen=True, slots=True)
class Service:
    """One OpenStack project, hosted by one process.

    Attributes:
        name: the project, and the user that it authenticates as.
        type: its type in the catalog.
        path: the path of its endpoints.
        databases: the SQLite files that hold its state.
        config: its configuration files, below the folder ``etc``.
        inner: what else it listens for, each on a port of its own.
        green: whether it runs on eventlet, and brings its own server.
    """

    name: str
    type: str
    path: str
    databases: tuple[str, ...]
    config: tuple[str, ...]
    inner: tuple[str, ...] = ()
    green: bool = False

    def endpoint(self, port: int) -> str:
        """Return the address that the catalog shows."""
        return f"http://127.0.0.1:{port}{self.path}"


SERVICES: Final = (
    Service("keystone", "identity", "/v3", ("keystone",), ("keystone/keystone.conf",)),
    Service("placement", "placement", "", ("placement",), ("placement/placement.conf",)),
    Service("glance", "image", "", ("glance",), ("glance/glance-api.conf",)),
    Service(
        "neutron",
        "network",
        "",
        ("neutron",),
        ("neutron/neutron.conf", "neutron/ml2_conf.ini"),
    ),
    Service(
        "nova",
        "compute",
        "/v2.1",
        ("nova_api", "nova_cell0", "nova_cell1"),
        ("nova/nova.conf",),
    ),
    Service("cinder", "block-storage", "/v3", ("cinder",), ("cinder/cinder.conf",)),
)
"""What every cloud has from the start."""

OPTIONAL: Final = (
    Service("barbican", "key-manager", "", ("barbican",), ("barbican/barbican.conf",)),
    Service(
        "designate",
        "dns",
        "",
        ("designate",),
        ("designate/designate.conf", "designate/pools.yaml"),
        inner=(MDNS,),
    ),
    Service("octavia", "load-balancer", "", ("octavia",), ("octavia/octavia.conf",)),
    Service(
        "swift",
        "object-store",
        "/v1/AUTH_$(project_id)s",
        (),
        (
            "swift/swift.conf",
            "swift/proxy-server.conf",
            "swift/account-server.conf",
            "swift/container-server.conf",
            "swift/object-server.conf",
        ),
        inner=("swift-account", "swift-container", "swift-object"),
        green=True,
    ),
)
"""What a cloud gets once somebody wants it."""


def service_of(name: str) -> Service:
    """Return the service of that name."""
    return next(service for service in (*SERVICES, *OPTIONAL) if service.name == name)
