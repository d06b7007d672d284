"""Plan: what follows from the site, without asking any cloud."""

import dataclasses

from govstack.operations.report import (
    PlannedNetwork,
    PlannedNode,
    PlannedRule,
    PlannedSystem,
    PlanReport,
)
from govstack.operations.select import with_upstream
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.plan.model import SystemPlan
from govstack.values.result import Result


def plan(target: Target, *, systems: tuple[str, ...] = ()) -> Result[PlanReport]:
    """Tell how systems will be made: networks, nodes, addresses, rules, quota.

    Args:
        target: the site and environment.
        systems: which ones, and with them all that they need; all if empty.

    Raises:
        UnknownSelection: the site has no such system.
    """
    made = open_session(target).plan
    names = with_upstream(systems, {stack.id: stack.upstream for stack in made.stacks})
    return Result(
        data=PlanReport(
            site=made.site,
            name=made.name,
            environment=made.environment.name,
            systems=tuple(_planned(system) for system in made.systems if system.id in names),
        )
    )


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
    )
