"""The site as a role sees it from one host: who else there is, and who may reach whom."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from govstack.inventory.model import Host, Inventory, Login
from govstack.inventory.variables.model import Machine, Material
from govstack.plan.model import CredentialPlan, GroupPlan, NodePlan, Plan, RulePlan, SystemPlan
from govstack.site.kinds import Port, Protocol
from govstack.site.model import Site
from govstack.site.systems import Service, System

HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule that lets somebody come to the hosts of a group."""

    system: SystemPlan
    group: GroupPlan
    rule: RulePlan


class View:
    """All hosts of an environment, with the paths between them."""

    def __init__(
        self, site: Site, plan: Plan, inventory: Inventory, login: Login, material: Material
    ) -> None:
        self.site = site
        self.plan = plan
        self.material = material
        self._users = login.users
        hosts = {host.name: host for host in inventory.hosts}
        self.machines = {
            node.name: _machine(system, node, hosts.get(node.name), login)
            for system in plan.systems
            for node in system.nodes
        }

    def user(self, host: Machine) -> str:
        """Return whom a host lets in for the automation."""
        return self._users.get(host.name, self.material.user)

    def having(self, role: str) -> tuple[Machine, ...]:
        """Return the hosts that have a role, by name."""
        return self._by_role.get(role, ())

    def of(self, system: str, role: str) -> tuple[Machine, ...]:
        """Return the hosts of a role of a system, by name."""
        return self._by_group.get((system, role), ())

    def reached(self, source: Machine, target: Machine, port: Port) -> tuple[str, ...]:
        """Return the addresses of a host that another may reach on a port."""
        return tuple(
            address
            for opening in self.openings(source)
            if (opening.system.id, opening.group.role) == (target.system.id, target.node.role)
            and _covers(opening.rule.port, port)
            for address in self._seen(source, target)
        )

    def servers(self, host: Machine, role: str, port: Port) -> tuple[Machine, ...]:
        """Return the hosts with a role that this one may reach on a port."""
        return tuple(each for each in self.having(role) if self.reached(host, each, port))

    def openings(self, source: Machine) -> tuple[Opening, ...]:
        """Return what is open to a host elsewhere, in the order of the plan."""
        found: dict[int, Opening] = {}
        for address in source.addresses:
            number = int(IPv4Address(address))
            for bits in self._masks:
                network = number >> (32 - bits) << (32 - bits)
                found |= self._by_network.get((network, bits), {})
        return tuple(found[key] for key in sorted(found))

    def targets(self, source: Machine, opening: Opening) -> tuple[str, ...]:
        """Return the addresses that an opening leads a host to."""
        hosts = self.of(opening.system.id, opening.group.role)
        return tuple(address for each in hosts for address in self._seen(source, each))

    def rules(self, host: Machine) -> tuple[RulePlan, ...]:
        """Return who may come to a host."""
        (group,) = (each for each in host.system.groups if each.role == host.node.role)
        return group.rules

    def credentials(self, system: str, service: str) -> Iterator[tuple[SystemPlan, CredentialPlan]]:
        """Yield who has a password for a service of a system."""
        for user in self.plan.systems:
            for each in user.credentials:
                if each.service == f"{system}.{service}":
                    yield user, each

    def credentials_of(self, system: str, service: str) -> tuple[tuple[str, CredentialPlan], ...]:
        """Return the ids of those who have a password for a service, each with it."""
        return tuple((user.id, each) for user, each in self.credentials(system, service))

    def used(self, host: Machine) -> Iterator[tuple[CredentialPlan, Machine, Service]]:
        """Yield the hosts that this one may reach with a password, the first of each service."""
        systems = {each.id: each for each in self.site.systems}
        for credential in host.system.credentials:
            provider, _, service = credential.service.partition(".")
            for offer in systems[provider].offers if provider in systems else ():
                if offer.name != service:
                    continue
                servers = self.of(provider, offer.role)
                near = (each for each in servers if self.reached(host, each, offer.port))
                for server in list(near)[:1]:
                    yield credential, server, offer

    def named(self, host: Machine, service: Service) -> str:
        """Return the name that a service of a host is found by."""
        found = (each.domain for each in host.system.endpoints if each.service == service.name)
        return next(found, "") or host.name

    def url(self, host: Machine, service: Service) -> str:
        """Return where a service of a host is found by HTTPS."""
        return self.root(self.named(host, service), service)

    def root(self, name: str, service: Service) -> str:
        """Return where a service is found by HTTPS under a name."""
        port = service.port.first
        return f"https://{name}" if port == HTTPS else f"https://{name}:{port}"

    def service_at(self, host: Machine, *ports: Port) -> str:
        """Return what a host's system offers at one of these ports; empty if nothing."""
        declared = next(each for each in self.site.systems if each.id == host.system.id)
        return next(
            (
                offer.name
                for offer in declared.offers
                if offer.role == host.node.role and offer.port in ports
            ),
            "",
        )

    @cached_property
    def systems(self) -> dict[str, System]:
        """The systems as declared, by id."""
        return {system.id: system for system in self.site.systems}

    def behind(self, host: Machine) -> tuple[tuple[str, str], ...]:
        """Return the systems and roles whose hosts one comes to by way of a host; sorted."""
        return self._behind.get(host.name, ())

    @cached_property
    def _behind(self) -> dict[str, tuple[tuple[str, str], ...]]:
        found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for each in self.machines.values():
            way = each.way
            while way and way.via:
                found[way.via].add((each.system.id, each.node.role))
                way = self.machines[way.via].way
        return {name: tuple(sorted(groups)) for name, groups in found.items()}

    @cached_property
    def _by_role(self) -> dict[str, tuple[Machine, ...]]:
        found: defaultdict[str, list[Machine]] = defaultdict(list)
        for name in sorted(self.machines):
            for role in self.machines[name].roles:
                found[role].append(self.machines[name])
        return {role: tuple(hosts) for role, hosts in found.items()}

    @cached_property
    def _by_group(self) -> dict[tuple[str, str], tuple[Machine, ...]]:
        found: defaultdict[tuple[str, str], list[Machine]] = defaultdict(list)
        for name in sorted(self.machines):
            each = self.machines[name]
            found[each.system.id, each.node.role].append(each)
        return {key: tuple(hosts) for key, hosts in found.items()}

    @cached_property
    def _by_network(self) -> dict[tuple[int, int], dict[int, Opening]]:
        """Return openings by the network that may use them, each with its place in the plan.

        What is open to networks outside is not meant for hosts of the site.
        """
        inside = [zone.supernet for zone in self.site.zones]
        found: defaultdict[tuple[int, int], dict[int, Opening]] = defaultdict(dict)
        rules = (
            Opening(system, group, rule)
            for system in self.plan.systems
            for group in system.groups
            for rule in group.rules
        )
        for place, opening in enumerate(rules):
            network = IPv4Network(opening.rule.remote)
            if any(network.subnet_of(supernet) for supernet in inside):
                key = (int(network.network_address), network.prefixlen)
                found[key][place] = opening
        return dict(found)

    @cached_property
    def _masks(self) -> tuple[int, ...]:
        return tuple(sorted({bits for _, bits in self._by_network}))

    @cached_property
    def _domains(self) -> dict[str, str]:
        return {zone.id: zone.routing_domain for zone in self.site.zones}

    def _placed(self, host: Machine) -> list[tuple[str, str]]:
        """Return a host's addresses, each with the routing domain that it is unique in."""
        node = host.node
        places = [(node.zone, node.address), *((link.zone, link.address) for link in node.links)]
        return [(self._domains[zone], str(address)) for zone, address in places]

    def _seen(self, source: Machine, target: Machine) -> list[str]:
        if source.name == target.name:
            return []
        domains = {domain for domain, _ in self._placed(source)}
        return [address for domain, address in self._placed(target) if domain in domains]


def tcp(number: int) -> Port:
    """Return a port of TCP."""
    return Port(Protocol.TCP, number, number)


def udp(number: int) -> Port:
    """Return a port of UDP."""
    return Port(Protocol.UDP, number, number)


def _covers(one: Port, other: Port) -> bool:
    return one.protocol is other.protocol and one.first <= other.first and other.last <= one.last


def _machine(system: SystemPlan, node: NodePlan, host: Host | None, login: Login) -> Machine:
    roles = host.roles if host else ()
    return Machine(
        node=node,
        system=system,
        family=host.family if host else "",
        roles=tuple(role.rsplit(".", 1)[-1] for role in roles),
        way=login.ways.get(node.name),
    )
