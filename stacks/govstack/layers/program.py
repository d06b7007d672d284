"""The program of any stack, bound to its inputs: what a worker process runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from govstack.layers.outputs import PlatformOutputs
from govstack.plan.model import PlatformPlan, SystemPlan
from govstack.values.secret import Secret


@dataclass(frozen=True, slots=True)
class PlatformInputs:
    """All that the platform's stack is made from; passwords by service user."""

    plan: PlatformPlan
    passwords: Mapping[str, Secret]
    site_root: Path


@dataclass(frozen=True, slots=True)
class SystemInputs:
    """All that a system's stack is made from; secrets by the keys of its credentials."""

    plan: SystemPlan
    platform: PlatformOutputs
    secrets: Mapping[str, Secret]


Inputs = PlatformInputs | SystemInputs


def program(inputs: Inputs) -> Callable[[], None]:
    """Return the Pulumi program that declares the stack."""
    # The parent process pickles inputs and never declares anything: it does without the SDK.
    from govstack.layers.platform import declare_platform  # noqa: PLC0415
    from govstack.layers.system import declare_system  # noqa: PLC0415

    def declare() -> None:
        if isinstance(inputs, PlatformInputs):
            declare_platform(inputs.plan, inputs.passwords, inputs.site_root)
        else:
            declare_system(inputs.plan, inputs.platform, inputs.secrets)

    return declare
