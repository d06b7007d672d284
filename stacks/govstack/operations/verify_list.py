"""Tells which probes there are, and how many hosts of an environment have what they prove."""

from collections import Counter

from govstack.inventory.make import make_inventory
from govstack.operations.inventory import login_of
from govstack.operations.proving import known_probes
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.operations.verify_report import ListedProbe, ProbeList
from govstack.values.result import Result


def list_probes(target: Target) -> Result[ProbeList]:
    """Return all probes, by role; nothing is asked and nothing has to be up."""
    session = open_session(target)
    inventory = make_inventory(session.site, session.plan, {}, login_of(session))
    having = Counter(role.rsplit(".", 1)[-1] for host in inventory.hosts for role in host.roles)
    return Result(
        data=ProbeList(
            site=session.plan.site,
            name=session.plan.name,
            environment=session.plan.environment.name,
            probes=tuple(
                ListedProbe(
                    probe=f"{role}.{probe.id}",
                    title=probe.title,
                    asked_from=probe.hosts.value,
                    hosts=having[role],
                    disturbs=probe.disturbs,
                )
                for role, each in known_probes().items()
                for probe in each.probes
            ),
        )
    )
