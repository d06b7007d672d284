"""What a system gives to others and has from them: endpoints, balancers, credentials..."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from govstack.plan.addresses import Addressing
from govstack.plan.flows import Openings
from govstack.plan.model import (
    BalancerPlan,
    ContainerPlan,
    CredentialPlan,
    EndpointPlan,
    ReaderPlan,
    SharePlan,
)
from govstack.site.ends import SystemEnd, parse_end
from govstack.site.model import Site
from govstack.site.naming import balancer_holder, project_name, service_domain
from govstack.site.profile import Balancing
from govstack.site.systems import Service, System, Use

MEMBER = "member"
READER = "reader"
"""The roles that Keystone brings: to work in a project, and to look at it."""

OBJECT_STORE = "object-store"
"""The name of the access to containers, among the credentials of a system."""


def endpoints_of(site: Site, system: System, addressing: Addressing) -> tuple[EndpointPlan, ...]:
    """Return where each service of the system is to be found."""
    domain = site.dns_domain
    return tuple(
        EndpointPlan(
            service=service.name,
            port=service.port,
            addresses=_addresses(site, system, service, addressing),
            domain=service_domain(service.name, system.id, domain) if domain else "",
        )
        for service in system.offers
    )


def balancers_of(
    site: Site, system: System, addressing: Addressing, openings: Openings
) -> tuple[BalancerPlan, ...]:
    """Return the load balancers that the cloud makes for the system."""
    if site.environment.profile.load_balancer is not Balancing.OCTAVIA:
        return ()
    zones = {group.role: group.zone for group in system.nodes}
    return tuple(
        BalancerPlan(
            service=service.name,
            name=balancer_holder(site.code, system, zones[service.role], service.name),
            zone=zones[service.role],
            address=addressing.balancers[system.id, service.name],
            port=service.port,
            members=tuple(
                (node.name, node.address) for node in addressing.nodes[system.id, service.role]
            ),
            allowed=openings.clients.get((system.id, service.name), ()),
            floating_ip=(system.id, service.name) in openings.outside,
        )
        for service in system.offers
        if service.balanced
    )


def containers_of(site: Site, system: System) -> tuple[ContainerPlan, ...]:
    """Return the system's containers, each with the systems that use it."""
    return tuple(
        ContainerPlan(
            container=container.name,
            name=f"{project_name(site.code, system.birth)}-{container.name}",
            quota_gb=container.quota_gb,
            versioning=container.versioning,
            users=tuple(
                ReaderPlan(system=user.id, access=container.access)
                for user in site.systems
                if any(
                    (use.system, use.service) == (system.id, container.name) for use in user.uses
                )
            ),
        )
        for container in system.containers
    )


def shares_of(site: Site, system: System, addressing: Addressing) -> tuple[SharePlan, ...]:
    """Return the system's shared file systems."""
    zones = {group.role: group.zone for group in system.nodes}
    return tuple(
        SharePlan(
            share=share.name,
            name=f"{project_name(site.code, system.birth)}-{share.name}",
            zone=zones[share.role],
            size_gb=share.size_gb,
            clients=tuple(node.address for node in addressing.nodes[system.id, share.role]),
        )
        for share in system.shares
    )


def roles_of(site: Site, system: System) -> tuple[str, ...]:
    """Return the roles of the system's service user in its project.

    An application credential carries the roles that its roles imply, and can only be given to who
    has them all without implication.
    """
    objects = any(each.service == OBJECT_STORE for each in credentials_of(site, system))
    return (MEMBER, READER) if objects else (MEMBER,)


def credentials_of(site: Site, system: System) -> tuple[CredentialPlan, ...]:
    """Return the passwords that the system has: one for each service that asks for one."""
    return tuple(sorted(_credentials(site, system), key=lambda credential: credential.key))


def _credentials(site: Site, system: System) -> Iterator[CredentialPlan]:
    systems = {item.id: item for item in site.systems}
    own = project_name(site.code, system.birth)
    objects = bool(system.containers)
    for use in _used_by(site, system):
        provider = systems[use.system]
        objects |= use.service in {container.name for container in provider.containers}
        if any(offer.name == use.service and offer.credential for offer in provider.offers):
            yield CredentialPlan(
                key=f"{system.birth}>{provider.birth}.{use.service}",
                name=f"{own}-{provider.birth}-{use.service}",
                service=str(use),
                account=system.birth.replace("-", "_"),
            )
    if objects:
        yield CredentialPlan(
            key=f"{system.birth}>{OBJECT_STORE}",
            name=f"{own}-{OBJECT_STORE}",
            service=OBJECT_STORE,
            account=f"{own}-objects",
        )


def _used_by(site: Site, system: System) -> tuple[Use, ...]:
    """Return what the system uses; to consume a data set is to use what hands it over."""
    consumed = {
        data_set.through
        for provider in site.systems
        for data_set in provider.data_sets
        if system.id in data_set.consumers and data_set.through.system != system.id
    }
    return tuple(sorted({*system.uses, *consumed}))


def _addresses(
    site: Site, system: System, service: Service, addressing: Addressing
) -> tuple[IPv4Address, ...]:
    """Return the addresses that clients of the service go to."""
    balancing = site.environment.profile.load_balancer
    end = parse_end(site.balancers) if site.balancers else None
    if service.balanced and balancing is Balancing.OCTAVIA:
        return (addressing.balancers[system.id, service.name],)
    if service.balanced and isinstance(end, SystemEnd):
        nodes = addressing.nodes[end.system, end.role]
    else:
        nodes = addressing.nodes[system.id, service.role]
    return tuple(node.address for node in nodes)
