"""Plan: what follows from the site, without asking any cloud; one function for each view."""

import dataclasses

from govstack.operations.births import birth_notes
from govstack.operations.moves import by_present_id
from govstack.operations.plan_report import FlowMatrix, Holdings, Needs, Topology
from govstack.operations.report import (
    PlannedContainer,
    PlannedNetwork,
    PlannedNode,
    PlannedRule,
    PlannedService,
    PlannedSystem,
    PlanReport,
)
from govstack.operations.select import with_upstream
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.plan.model import SystemPlan
from govstack.plan.views.holdings import holdings_of
from govstack.plan.views.matrix import flow_matrix_of
from govstack.plan.views.needs import needs_of
from govstack.plan.views.topology import topology_of
from govstack.state.records import read_records
from govstack.values.result import Result


def plan(target: Target, *, systems: tuple[str, ...] = ()) -> Result[PlanReport]:
    """Tell how systems will be made: networks, nodes, addresses, rules, quota.

    Args:
        target: the site and environment.
        systems: which ones, and with them all that they need; all if empty.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    made, names = session.plan, _needed(session, systems)
    return Result(
        data=PlanReport(
            site=made.site,
            name=made.name,
            environment=made.environment.name,
            systems=tuple(_planned(system) for system in made.systems if system.id in names),
        ),
        notes=birth_notes(made, by_present_id(read_records(session.places), made.stacks)),
    )


def topology(target: Target, *, systems: tuple[str, ...] = ()) -> Result[Topology]:
    """Tell which systems there are, by layer and zone, and who reaches whom.

    Args:
        target: the site and environment.
        systems: which ones, and with them all that they need; all if empty.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    names = _needed(session, systems)
    return Result(data=topology_of(session.site, session.plan, names))


def flows(target: Target, *, systems: tuple[str, ...] = ()) -> Result[FlowMatrix]:
    """Tell which paths are open, between zones and one by one.

    Args:
        target: the site and environment.
        systems: those that the paths begin or end at; all if empty.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    return Result(data=flow_matrix_of(session.site, session.plan, _named(session, systems)))


def quota(target: Target, *, systems: tuple[str, ...] = ()) -> Result[Needs]:
    """Tell what systems and departments need of the cloud.

    Args:
        target: the site and environment.
        systems: which ones; all if empty.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    return Result(data=needs_of(session.site, session.plan, _named(session, systems)))


def addresses(target: Target, *, systems: tuple[str, ...] = ()) -> Result[Holdings]:
    """Tell who holds which address.

    Args:
        target: the site and environment.
        systems: which ones; all, and what belongs to none, if empty.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    return Result(data=holdings_of(session.site, session.plan, _named(session, systems)))


def _needed(session: Session, systems: tuple[str, ...]) -> set[str]:
    """Return the named systems and all that they need."""
    return with_upstream(systems, {stack.id: stack.upstream for stack in session.plan.stacks})


def _named(session: Session, systems: tuple[str, ...]) -> set[str]:
    """Return the named systems alone, after a check that they are there; all if none is named."""
    needed = _needed(session, systems)
    return set(systems) or needed


def _planned(system: SystemPlan) -> PlannedSystem:
    return PlannedSystem(
        id=system.id,
        name=system.name,
        layer=system.layer,
        tenant=system.tenant_name,
        mlps=system.mlps,
        project=system.project.name,
        upstream=system.upstream,
        networks=tuple(
            PlannedNetwork(
                zone=network.zone, cidr=str(network.cidr), provisional=network.provisional
            )
            for network in system.networks
        ),
        nodes=tuple(
            PlannedNode(
                name=node.name,
                role=node.role,
                zone=node.zone,
                address=str(node.address),
                flavor=node.flavor,
                image=node.image,
                provisional=node.provisional,
                machine=node.machine.label if node.machine else "",
            )
            for node in system.nodes
        ),
        rules=tuple(
            PlannedRule(
                role=group.role, remote=rule.remote, port=str(rule.port), purpose=rule.purpose
            )
            for group in system.groups
            for rule in group.rules
        ),
        quota=dataclasses.asdict(system.project.quota),
        services=tuple(
            PlannedService(
                name=endpoint.service,
                port=str(endpoint.port),
                domain=endpoint.domain,
                addresses=tuple(str(address) for address in endpoint.addresses),
            )
            for endpoint in system.endpoints
        ),
        containers=tuple(
            PlannedContainer(
                name=container.container,
                quota_gb=container.quota_gb,
                versioning=container.versioning,
                users=tuple(user.system for user in container.users),
            )
            for container in system.containers
        ),
        credentials=tuple(credential.service for credential in system.credentials),
    )
