"""What a kind of cloud can do: the words of a cloud profile, and their frozen form."""

from dataclasses import dataclass
from enum import StrEnum

SANDBOX = "sandbox"
"""The profile of the embedded cloud."""


class Tenancy(StrEnum):
    """How a department shows in Keystone: as a tag alone, or as the parent of its projects."""

    FLAT = "flat"
    PARENT = "parent"


class Balancing(StrEnum):
    """Who balances: Octavia, nodes of the site with HAProxy, or nobody."""

    OCTAVIA = "octavia"
    NODES = "nodes"
    NONE = "none"


class Naming(StrEnum):
    """Who answers for names: Designate, or name servers of the site made from the plan."""

    DESIGNATE = "designate"
    NODES = "nodes"


class Keys(StrEnum):
    """Where credentials go: into Barbican, or into Ansible Vault files beside the state."""

    BARBICAN = "barbican"
    VAULT = "vault"


class Objects(StrEnum):
    """What holds objects, if anything does."""

    SWIFT = "swift"
    NONE = "none"


class Shares(StrEnum):
    """What holds shared file systems, if anything does."""

    MANILA = "manila"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the cloud of an environment can do.

    `refused` says why it cannot be used at all, if so.  Where each key is written is told by
    `profiles.line_of`, since it is no part of what a profile is.
    """

    name: str
    product: str
    tenancy: Tenancy = Tenancy.FLAT
    load_balancer: Balancing = Balancing.NONE
    dns: Naming = Naming.NODES
    key_manager: Keys = Keys.VAULT
    object_store: Objects = Objects.NONE
    shared_file_systems: Shares = Shares.NONE
    makes_flavors: bool = True
    makes_volume_types: bool = True
    floating_ips: bool = True
    server_groups: bool = True
    hosts: bool = False
    refused: str = ""
