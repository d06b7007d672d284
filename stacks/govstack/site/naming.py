"""What things are called in the cloud: ASCII, lower case, deterministic, at most 63 characters.

A name says whose it is and where; never a level and never an address, since those change.
"""

from typing import Final

from govstack.site.systems import System

MAX_NAME: Final = 63
LAYER_PREFIXES: Final = ("inf-", "dat-", "sup-", "app-")
"""How ids tell the layer; a node's name does without, since a system may move between layers."""


def short_id(system: str) -> str:
    """Return the system's id without the prefix that tells its layer."""
    for prefix in LAYER_PREFIXES:
        if system.startswith(prefix):
            return system.removeprefix(prefix)
    return system


def node_stem(code: str, system: System, role: str, zone: str) -> str:
    """Return what the names of all nodes of a group begin with."""
    return f"{code}-{zone.lower()}-{system.tenant}-{short_id(system.birth)}-{role}"


def node_name(stem: str, number: int) -> str:
    """Return a node's name, which is also its host name: ``yz-mgt-dsjj-bas-bastion-001``."""
    return f"{stem}-{number:03d}"


def project_name(code: str, system: str) -> str:
    """Return the name of a system's project: ``yz-inf-bas``."""
    return f"{code}-{system}"


def user_name(code: str, system: str) -> str:
    """Return the name of a system's service user: ``yz-inf-bas-svc``."""
    return f"{project_name(code, system)}-svc"


def network_name(code: str, system: str, zone: str) -> str:
    """Return the name of a system's network in a zone: ``yz-inf-bas-mgt``."""
    return f"{project_name(code, system)}-{zone.lower()}"


def group_name(code: str, system: str, role: str) -> str:
    """Return the name of a role's security group: ``yz-inf-bas-bastion``."""
    return f"{project_name(code, system)}-{role}"


def router_name(code: str, zone: str) -> str:
    """Return the name of a zone's router: ``yz-router-mgt``."""
    return f"{code}-router-{zone.lower()}"


def subnet_holder(system: str, zone: str) -> str:
    """Return how the address book names the subnet of a system in a zone: ``inf-bas@MGT``."""
    return f"{system}@{zone}"


def link_holder(node: str, zone: str) -> str:
    """Return how the address book names a node's further port: ``yz-exc-...-001@PRV``."""
    return f"{node}@{zone}"


def router_holder(zone: str) -> str:
    """Return how the address book names the router of a zone: ``router@MGT``."""
    return f"router@{zone}"


def balancer_holder(code: str, system: System, zone: str, service: str) -> str:
    """Return how the address book and the cloud name a service's balancer."""
    return f"{code}-{zone.lower()}-{system.tenant}-{short_id(system.birth)}-{service}-vip"


def tenant_name(code: str, tenant: str) -> str:
    """Return the name of a department's parent project and of its group: ``yz-dsjj``."""
    return f"{code}-{tenant}"


def service_domain(service: str, system: str, domain: str) -> str:
    """Return the name that a service is found by: ``postgresql.dat-rdb.yunzhou.example``."""
    return f"{service}.{system}.{domain}"
