"""The native entry: what plain ``pulumi`` runs in ``stacks/<layer>``.

The stack's name is a system's id.  The site is named in the stack's configuration, and what the
platform gives comes from its stack by reference; `govstack` itself needs neither.
"""

from pathlib import Path

import pulumi

from govstack.errors import UnknownSelection
from govstack.layers.outputs import PlatformOutputs
from govstack.layers.platform import declare_platform
from govstack.layers.system import declare_system
from govstack.plan.make import make_plan
from govstack.plan.model import PlatformPlan, StackPlan, SystemPlan
from govstack.site.load import load_site
from govstack.site.model import PLATFORM, Layer
from govstack.values.secret import Secret


def declare_native(layer: Layer) -> None:
    """Declare the resources of the current stack.

    Configuration: ``govstack:site`` (folder), ``govstack:environment`` (default ``sandbox``),
    and for the platform the secret object ``govstack:passwords``, by service user.

    Raises:
        UnknownSelection: the layer has no system of the stack's name.
    """
    config = pulumi.Config("govstack")
    site = load_site(Path(config.require("site")), config.get("environment") or "sandbox")
    plan = _stack(make_plan(site).stacks, layer, pulumi.get_stack())
    if isinstance(plan, PlatformPlan):
        known = config.require_object("passwords")
        declare_platform(plan, {user: Secret(known[user]) for user in known})
    else:
        declare_system(plan, _referenced(plan))


def _stack(stacks: tuple[StackPlan, ...], layer: Layer, name: str) -> StackPlan:
    here = {stack.id: stack for stack in stacks if stack.layer is layer}
    if name not in here:
        raise UnknownSelection(
            f"the layer {layer} has no system {name!r}", hint=f"there are: {', '.join(here)}"
        )
    return here[name]


def _referenced(plan: SystemPlan) -> PlatformOutputs:
    """Return what the system consumes as outputs of the platform's stack."""
    platform = pulumi.StackReference(f"organization/{Layer.INFRASTRUCTURE}/{PLATFORM}")

    def one(output: str, name: str) -> pulumi.Output[str]:
        return platform.require_output(output).apply(lambda values: str(values[name]))

    nodes = plan.nodes
    return PlatformOutputs(
        external_network=platform.require_output("external_network"),
        routers={network.zone: one("routers", network.zone) for network in plan.networks},
        flavors={node.flavor: one("flavors", node.flavor) for node in nodes},
        images={node.image: one("images", node.image) for node in nodes},
        projects={plan.id: one("projects", plan.id)},
    )
