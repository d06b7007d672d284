"""The inventory as values, and what it is made from besides the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from govstack.plan.login import Way

Variables = Mapping[str, object]
"""Plain values by name; what may stand in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the record of a system says of its hosts.

    Attributes:
        system: the id that it was last run under.
        standing: how it stands against its record, in one word.
        updated: when it was last run, empty if never.
        inputs: keyed digest of what it was made from.
        checkpoint: digest of the checkpoint that it left.
        nodes: ids of servers by node.
        floating_ips: addresses outside by node.
    """

    system: str
    standing: str
    updated: str = ""
    inputs: str = ""
    checkpoint: str = ""
    nodes: Mapping[str, str] = field(default_factory=dict)
    floating_ips: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How one logs in to the hosts.

    Attributes:
        ways: the last step to each host that an operator can come to.
        configuration: the file that tells ssh of them; empty where govstack writes none, and
            hosts go by their addresses.
        user: whom hosts let in; empty if that depends on their operating systems.
        users: whom those hosts let in that let in somebody else.
    """

    ways: Mapping[str, Way] = field(default_factory=dict)
    configuration: str = ""
    user: str = ""
    users: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host.

    Attributes:
        address: its first address, as seen from inside.
        way: the hosts that one passes on the way to it, the first one is entered from outside.
        is_reachable: whether operators can come to it, as far as that is known.
        family: of its operating system.
        roles: what configures it, in this order.
        groups: that it is in, sorted.
    """

    name: str
    system: str
    system_name: str
    layer: str
    zone: str
    address: str
    way: tuple[str, ...]
    is_reachable: bool
    family: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    variables: Variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Hosts with something in common, sorted, and what is said of all of them."""

    name: str
    hosts: tuple[str, ...]
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The hosts of an environment, or of its `subject`: one system, or one host.

    Hosts and groups are sorted by name; `variables` are said of all hosts.
    """

    site: str
    name: str
    environment: str
    subject: str = ""
    hosts: tuple[Host, ...]
    groups: tuple[Group, ...]
    variables: Variables
