"""The variables of roles that serve all other hosts."""

from ipaddress import IPv4Address
from typing import Final

from govstack.inventory.variables.every import AGENT, LOG
from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.people import seeds
from govstack.inventory.variables.shared import shown
from govstack.inventory.variables.view import View, tcp, udp
from govstack.site.kinds import Port

TIME: Final = udp(123)
DNS: Final = (udp(53), tcp(53))
HTTPS: Final = tcp(443)


def bastion(view: View, host: Machine) -> Values:
    """Return the second factors of people, and whom the automation is known by."""
    return {
        **seeds(view, host),
        "bastion_automation": view.user(host),
        "bastion_automation_authority": view.material.login_authority,
    }


def log_server(view: View, host: Machine) -> Values:
    """Return the names of all hosts that may send."""
    clients = [each.name for each in view.having("log_client") if view.reached(each, host, LOG)]
    volume = next((one.mount for one in host.node.volumes), "")
    return {
        "log_server_clients": clients or [host.name],
        **({"log_server_folder": f"{volume}/hosts"} if volume else {}),
        **shown(view, host, "log_server", view.service_at(host, LOG)),
    }


def time_server(view: View, host: Machine) -> Values:
    """Return who may ask for the time."""
    return {"time_server_networks": _allowed(view, host, TIME)}


def dns_server(view: View, host: Machine) -> Values | Left:
    """Return the names of all hosts and services."""
    if not view.site.dns_domain:
        return Left("the site has no dns_domain")
    networks = _allowed(view, host, *DNS)
    return {
        "dns_server_name": f"{host.name}.{view.site.dns_domain}",
        "dns_server_networks": [*networks, host.address],
        "dns_server_zones": [{"name": view.site.dns_domain, "records": _records(view)}],
    }


def monitoring(view: View, host: Machine) -> Values:
    """Return the hosts that may be asked, and itself."""
    targets = [
        {
            "name": each.name,
            "address": addresses[0],
            "labels": {
                "layer": each.system.layer.value,
                "role": each.node.role,
                "system": each.system.id,
                "tenant": each.system.tenant,
            },
        }
        for each in view.having("monitoring_agent")
        if (addresses := (host.address,) if each == host else view.reached(host, each, AGENT))
    ]
    return {"monitoring_targets": targets, **shown(view, host, "monitoring")}


def _records(view: View) -> list[dict[str, object]]:
    """Return a record for each address of each name; sorted."""
    domain = view.site.dns_domain
    found = {(each.name, each.address) for each in view.machines.values()}
    for system in view.plan.systems:
        for endpoint in system.endpoints:
            if endpoint.domain:
                name = endpoint.domain.removesuffix(f".{domain}")
                found |= {(name, str(address)) for address in endpoint.addresses}
    ordered = sorted(found, key=lambda pair: (pair[0], IPv4Address(pair[1])))
    return [{"name": name, "type": "A", "value": address} for name, address in ordered]


def _allowed(view: View, host: Machine, *ports: Port) -> list[str]:
    """Return the networks that may come to a host on one of these ports."""
    return list(
        dict.fromkeys(
            rule.remote for rule in view.rules(host) for port in ports if _is_open(rule.port, port)
        )
    )


def _is_open(one: Port, port: Port) -> bool:
    return one.protocol is port.protocol and one.first <= port.first <= one.last
