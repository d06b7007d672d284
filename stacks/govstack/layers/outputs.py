"""What stacks promise to others, typed; in a preview some of it is not known yet."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, Union

from govstack.plan.model import SystemPlan

if TYPE_CHECKING:
    import pulumi

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that only an update will reveal (the SDK's `rpc.UNKNOWN`)."""

Outputs = Mapping[str, object]
"""The outputs of one stack, plain; unknown ones hold `UNKNOWN`."""

Id = Union[str, "pulumi.Output[str]"]
"""An id that the cloud gave; plain text from the engine, an output in a native program."""

Ids = Mapping[str, Id]
"""Ids by the site's names; `UNKNOWN` where the cloud has not given one yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformOutputs:
    """What the platform gives to systems.

    Routers by zone; flavors, images and volume types by the site's ids; projects by system; the
    DNS zone, empty where the cloud does not answer for names.
    """

    external_network: Id
    routers: Ids
    flavors: Ids
    images: Ids
    volume_types: Ids
    projects: Ids
    dns_zone: Id

    @classmethod
    def parse(cls, outputs: Outputs) -> Self:
        """Read the outputs of the platform's stack.

        Raises:
            KeyError, TypeError: they are not what `declare_platform` exports.
        """
        return cls(
            external_network=str(outputs["external_network"]),
            routers=_ids(outputs, "routers"),
            flavors=_ids(outputs, "flavors"),
            images=_ids(outputs, "images"),
            volume_types=_ids(outputs, "volume_types"),
            projects=_ids(outputs, "projects"),
            dns_zone=str(outputs["dns_zone"]),
        )

    def consumed_by(self, plan: SystemPlan) -> "PlatformOutputs":
        """Return only what this system consumes, so that nothing else can change it."""
        nodes = plan.nodes
        floats = any(node.floating_ip for node in nodes)
        floats |= any(balancer.floating_ip for balancer in plan.balancers)
        return PlatformOutputs(
            external_network=self.external_network if floats else "",
            routers=_only(self.routers, {network.zone for network in plan.networks}),
            flavors=_only(self.flavors, {node.flavor for node in nodes}),
            images=_only(self.images, {node.image for node in nodes}),
            volume_types=_only(self.volume_types, volume_types_in(plan)),
            projects=_only(self.projects, projects_in(plan)),
            dns_zone=self.dns_zone if plan.endpoints else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemOutputs:
    """What a system tells of itself: networks by zone, nodes and floating IPs by node name."""

    networks: Mapping[str, str]
    nodes: Mapping[str, str]
    floating_ips: Mapping[str, str]
    endpoints: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, outputs: Outputs) -> Self:
        """Read the outputs of a system's stack.

        Raises:
            KeyError, TypeError: they are not what `declare_system` exports.
        """
        endpoints = outputs["endpoints"]
        if not isinstance(endpoints, Mapping):
            message = "endpoints: not a mapping"
            raise TypeError(message)
        return cls(
            networks=_ids(outputs, "networks"),
            nodes=_ids(outputs, "nodes"),
            floating_ips=_ids(outputs, "floating_ips"),
            endpoints={str(name): tuple(value) for name, value in endpoints.items()},
        )


def volume_types_in(plan: SystemPlan) -> set[str]:
    """Return the types of volumes that the system's nodes have, by the site's ids."""
    return {volume.type for node in plan.nodes for volume in node.volumes if volume.type}


def projects_in(plan: SystemPlan) -> set[str]:
    """Return the systems whose projects the stack names: its own, and users of its containers."""
    users = {user.system for container in plan.containers for user in container.users}
    return {plan.id, *users}


def later(value: Id) -> "pulumi.Output[str]":
    """Return the value as an output, unknown if it is `UNKNOWN`; only inside a program."""
    import pulumi  # noqa: PLC0415 - the parent process reads outputs without the SDK

    if isinstance(value, pulumi.Output) or value != UNKNOWN:
        return pulumi.Output.from_input(value)
    loop = asyncio.get_event_loop()
    nothing: asyncio.Future[str] = loop.create_future()
    nothing.set_result("")
    known: asyncio.Future[bool] = loop.create_future()
    known.set_result(False)
    return pulumi.Output(set(), nothing, known)


def _ids(outputs: Outputs, name: str) -> Mapping[str, str]:
    value = outputs[name]
    if not isinstance(value, Mapping):
        message = f"{name}: not a mapping"
        raise TypeError(message)
    return {str(key): str(item) for key, item in value.items()}


def _only(ids: Ids, names: set[str]) -> Ids:
    return {name: ids[name] for name in sorted(names)}
