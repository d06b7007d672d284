"""The native entry: what plain ``pulumi`` runs in ``stacks/<layer>``.

The stack's name is a system's id.  The site is named in the stack's configuration, and what the
platform gives comes from its stack by reference; `govstack` itself needs neither.
"""

import dataclasses
from pathlib import Path

import pulumi

from govstack.errors import UnknownSelection
from govstack.layers.outputs import PlatformOutputs, projects_in, volume_types_in
from govstack.layers.platform import declare_platform
from govstack.layers.system import declare_system
from govstack.plan.make import make_plan
from govstack.plan.model import PlatformPlan, StackPlan, SystemPlan
from govstack.site.kinds import Layer
from govstack.site.load import load_site
from govstack.site.model import PLATFORM
from govstack.values.secret import Secret


def declare_native(layer: Layer) -> None:
    """Declare the resources of the current stack.

    Configuration: ``govstack:site`` (folder), ``govstack:environment`` (default ``sandbox``),
    and the secret object ``govstack:passwords``: by service user for the platform, by the key of
    its credentials for a system that has some; ``govstack:authority``, a public key that servers
    trust to certify logins.

    Raises:
        UnknownSelection: the layer has no system of the stack's name.
    """
    config = pulumi.Config("govstack")
    site = load_site(Path(config.require("site")), config.get("environment") or "sandbox")
    made = make_plan(site)
    plan = _stack(made.stacks, layer, pulumi.get_stack())
    passwords = {key: Secret(text) for key, text in (config.get_object("passwords") or {}).items()}
    if isinstance(plan, PlatformPlan):
        declare_platform(plan, passwords, site.root)
    else:
        plan = dataclasses.replace(plan, authority=config.get("authority") or "")
        declare_system(plan, _referenced(plan, named=bool(made.platform.dns_zone)), passwords)


def _stack(stacks: tuple[StackPlan, ...], layer: Layer, name: str) -> StackPlan:
    here = {stack.id: stack for stack in stacks if stack.layer is layer}
    if name not in here:
        raise UnknownSelection(
            f"the layer {layer} has no system {name!r}", hint=f"there are: {', '.join(here)}"
        )
    return here[name]


def _referenced(plan: SystemPlan, *, named: bool) -> PlatformOutputs:
    """Return what the system consumes as outputs of the platform's stack.

    Args:
        plan: the system's plan.
        named: whether the cloud answers for the names of services.
    """
    platform = pulumi.StackReference(f"organization/{Layer.INFRASTRUCTURE}/{PLATFORM}")

    def one(output: str, name: str) -> pulumi.Output[str]:
        return platform.require_output(output).apply(lambda values: str(values[name]))

    nodes = plan.nodes
    return PlatformOutputs(
        external_network=platform.require_output("external_network"),
        routers={network.zone: one("routers", network.zone) for network in plan.networks},
        flavors={node.flavor: one("flavors", node.flavor) for node in nodes},
        images={node.image: one("images", node.image) for node in nodes},
        volume_types={kind: one("volume_types", kind) for kind in sorted(volume_types_in(plan))},
        projects={system: one("projects", system) for system in sorted(projects_in(plan))},
        dns_zone=platform.require_output("dns_zone") if named else "",
    )
