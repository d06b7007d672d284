"""Machines of an embedded cloud: a host stands for each one that the cloud holds a port of.

Real machines are where they are, and somebody who stands before them has switched them on.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from govstack import sandbox
from govstack.errors import SandboxFailed
from govstack.layers.outputs import UNKNOWN, SystemOutputs
from govstack.operations.session import Session
from govstack.operations.trusting import trusted_line
from govstack.plan.model import NodePlan, SystemPlan
from govstack.site.hardware import Machine
from govstack.state.records import read_records
from govstack.trust.birth import AUTOMATION, login_script
from govstack.values.observer import Level, Note

MTU: Final = 1500


def switch_on(session: Session) -> tuple[Note, ...]:
    """Have a host for each machine that the cloud knows, and none else; return what is wrong.

    Where servers are no hosts, machines are none either.
    """
    root = session.places.sandbox
    if not session.plan.environment.is_embedded or not sandbox.has_hosts(root):
        return ()
    wanted = list(_wanted(session))
    if not wanted and not session.site.machines:
        return ()
    try:
        sandbox.have_machines(root, wanted)
    except SandboxFailed as error:
        return (Note(str(error), Level.WARNING),)
    return ()


def _wanted(session: Session) -> Iterator[Mapping[str, object]]:
    records = read_records(session.places)
    script = login_script(trusted_line(session), AUTOMATION) if session.has_logins else ""
    for system in session.plan.systems:
        record = records.get(system.id)
        outputs = SystemOutputs.parse(record.outputs) if record and record.outputs else None
        for node in system.nodes:
            port = outputs.nodes.get(node.name, UNKNOWN) if outputs else UNKNOWN
            if node.machine is not None and port != UNKNOWN:
                guest = _guest(session, system, node, node.machine) | _place(system, node, port)
                yield {"guest": guest, "drive": _drive(node, script)}


def _guest(
    session: Session, system: SystemPlan, node: NodePlan, machine: Machine
) -> dict[str, object]:
    flavor = next(each for each in session.site.flavors if each.id == node.flavor)
    image = next(each for each in session.site.images if each.id == node.image)
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"{session.plan.site}/{system.birth}/{machine.id}")),
        "name": node.name,
        "base": sandbox.base_for(session.places.sandbox, image.os_distro.lower()),
        "vcpus": flavor.vcpus,
        "memory_mb": flavor.ram_mb,
        "board": machine.board,
    }


def _place(system: SystemPlan, node: NodePlan, port: str) -> dict[str, object]:
    """Return how it is connected."""
    network = next(each for each in system.networks if each.zone == node.zone)
    gateway = str(network.gateway)
    subnet = {
        "addresses": [str(node.address)],
        "prefix": network.cidr.prefixlen,
        "gateway": gateway,
        "routes": [(str(each), gateway) for each in network.routes],
    }
    return {"interfaces": [{"port": port, "mac": "", "mtu": MTU, "subnets": [subnet]}]}


def _drive(node: NodePlan, script: str) -> dict[str, str]:
    """Return what whoever installs a machine leaves on it, as servers have it on a drive."""
    files = {"meta_data.json": json.dumps({"name": node.name, "hostname": node.name})}
    if script:
        files["user_data"] = script
    return {name: base64.b64encode(text.encode()).decode() for name, text in files.items()}
