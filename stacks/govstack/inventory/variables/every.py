"""The variables of roles that every host has."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.packages import repositories, repository
from govstack.inventory.variables.people import administrators
from govstack.inventory.variables.shared import shown
from govstack.inventory.variables.view import View, tcp, udp
from govstack.site.kinds import Port, Protocol

LEVELS: Final = (2, 3)
"""Levels that the checks of hosts are written for."""
MOST_RESOLVERS: Final = 3
UNDO_SECONDS: Final = 300
"""What cuts off the automation undoes itself after so long; hosts are done in step, so the slowest
login of many counts."""
METADATA: Final = "169.254.169.254"
LEASES: Final = 67
WEB: Final = 80
SSH: Final = tcp(22)
LOG: Final = tcp(6514)
AGENT: Final = tcp(9100)
NO_KERNEL: Final = (
    {"check": "H-21", "reason": "servers of an embedded cloud share a kernel, and have no audit"},
)
"""What servers of the embedded cloud cannot meet."""
PEERS: Final = (("log_server", LOG), ("backup_server", SSH), ("database", tcp(5432)))
"""Whom a host must know by name even while no name server answers, besides whom it logs in to."""


def base(view: View, host: Machine) -> Values:
    """Return names, people and authorities."""
    peers = {
        each.name: address
        for role, port in PEERS
        for each in view.servers(host, role, port)
        for address in view.reached(host, each, port)[:1]
    }
    for _, each, offer in view.used(host):
        peers[each.name] = view.reached(host, each, offer.port)[0]
    source = repository(view, host)
    if source:
        server, service = source
        peers[server.name] = view.reached(host, server, service.port)[0]
    return {
        "base_hostname": host.name,
        "base_domain": view.site.dns_domain,
        "base_hosts": [
            {"address": address, "names": [name]} for name, address in sorted(peers.items())
        ],
        **administrators(view, host),
        **repositories(view, host),
        "base_automation": view.user(host),
        "base_certificates": [{"name": "site", "pem": view.material.authority}],
    }


def time(view: View, host: Machine) -> Values | Left:
    """Return the time servers that the host may ask."""
    servers = _first_addresses(view, host, "time_server", udp(123))
    if not servers and "time_server" not in host.roles:
        return Left("no flow leads it to a time server")
    return {"time_servers": servers}


def resolver(view: View, host: Machine) -> Values | Left:
    """Return the name servers that the host may ask; one that is a name server asks itself."""
    servers = _first_addresses(view, host, "dns_server", udp(53))
    if "dns_server" in host.roles:
        servers = [host.address, *servers]
    if not servers:
        return Left("no flow leads it to a name server")
    return {
        "resolver_servers": servers[:MOST_RESOLVERS],
        "resolver_search": [view.site.dns_domain] if view.site.dns_domain else [],
    }


def hardening(view: View, host: Machine) -> Values:
    """Return the level that the system is graded at."""
    return {
        "hardening_level": min(max(host.system.mlps, LEVELS[0]), LEVELS[-1]),
        "hardening_automation": view.user(host),
        # Whoever is let in for one command only needs a shell that runs it.
        "hardening_accounts_with_shell": ["gov-backup"] if "backup_server" in host.roles else [],
        "hardening_undo_seconds": UNDO_SECONDS,
        "hardening_exclusions": list(NO_KERNEL) if view.plan.environment.is_embedded else [],
    }


def firewall(view: View, host: Machine) -> Values | Left:
    """Return who may come, as the security group has it, and where the host may go."""
    if host.way is None:
        return Left("the automation cannot come to it")
    return {
        "firewall_automation": _automation(view, host),
        "firewall_inbound": _flows(
            (rule.remote, rule.port, rule.purpose) for rule in view.rules(host)
        ),
        "firewall_outbound": _flows(_outbound(view, host)),
        "firewall_undo_seconds": UNDO_SECONDS,
    }


def log_client(view: View, host: Machine) -> Values | Left:
    """Return the log servers that the host may send to."""
    servers = view.servers(host, "log_server", LOG)
    if not servers:
        itself = "log_server" in host.roles
        return Left("it keeps its own" if itself else "no flow leads it to a log server")
    return {
        "log_client_servers": [each.name for each in servers],
        **shown(view, host, "log_client"),
    }


def monitoring_agent(view: View, host: Machine) -> Values | Left:
    """Return what the agent shows to those who ask."""
    itself = "monitoring" in host.roles
    if not itself and not any(
        view.reached(each, host, AGENT) for each in view.having("monitoring")
    ):
        return Left("no flow leads the monitoring to it")
    return shown(view, host, "monitoring_agent")


def _first_addresses(view: View, host: Machine, role: str, port: Port) -> list[str]:
    return [view.reached(host, each, port)[0] for each in view.servers(host, role, port)]


def _automation(view: View, host: Machine) -> list[str]:
    """Return the addresses that the automation's ssh comes from."""
    via = host.way.via if host.way else ""
    if not via:
        return [view.material.operator]
    allowed = [
        IPv4Network(rule.remote)
        for rule in view.rules(host)
        if rule.port.protocol is Protocol.TCP and rule.port.first <= SSH.first <= rule.port.last
    ]
    addresses = view.machines[via].addresses
    return [one for one in addresses if any(IPv4Address(one) in each for each in allowed)]


def _outbound(view: View, host: Machine) -> Iterable[tuple[str, Port, str]]:
    """Yield where the host may go: what is open to it elsewhere, and to what the cloud gives."""
    for opening in view.openings(host):
        for address in view.targets(host, opening):
            yield address, opening.rule.port, opening.rule.purpose
    for system in view.plan.systems:
        for balancer in system.balancers:
            networks = map(IPv4Network, balancer.allowed)
            own = [IPv4Address(address) for address in host.addresses]
            if any(address in network for network in networks for address in own):
                yield str(balancer.address), balancer.port, f"{balancer.service} of {system.id}"
    zones = {host.node.zone, *(link.zone for link in host.node.links)}
    for network in host.system.networks:
        if network.zone in zones:
            yield str(network.cidr), udp(LEASES), "renewal of its address"
    yield METADATA, tcp(WEB), "what the cloud tells a server of itself"


def _flows(found: Iterable[tuple[str, Port, str]]) -> list[dict[str, object]]:
    """Return flows as the role takes them: one for each port and purpose."""
    networks: dict[tuple[str, Port], dict[str, None]] = {}
    for remote, port, purpose in found:
        networks.setdefault((purpose, port), {})[remote] = None
    return [
        {
            "networks": _without_overlap(remotes),
            "protocol": port.protocol.value,
            "ports": [str(port).partition("/")[2]],
            "why": purpose,
        }
        for (purpose, port), remotes in sorted(
            networks.items(), key=lambda item: (str(item[0][1]), item[0][0])
        )
    ]


def _without_overlap(remotes: Iterable[str]) -> list[str]:
    """Return networks of which none holds another: a set of nftables takes no others."""
    found: list[IPv4Network] = []
    for network in sorted(map(IPv4Network, remotes)):
        if not (found and network.subnet_of(found[-1])):
            found.append(network)
    return [
        str(each.network_address if each.prefixlen == each.max_prefixlen else each)
        for each in found
    ]
