"""Runs Pulumi programs under mocks and hands out every resource that they declared."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc, settings
from pulumi.runtime.stack import run_in_stack

SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""How the engine marks a secret on the wire."""


@dataclass
class Cloud(pulumi.runtime.Mocks):
    """A cloud that takes everything and gives ids after names."""

    resources: dict[str, pulumi.runtime.MockResourceArgs] = field(default_factory=dict)
    lookups: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    references: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, set[str]] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        key = f"{args.typ.rsplit(':', 1)[-1]} {args.name}"
        assert key not in self.resources, f"declared twice: {key}"
        self.resources[key] = args
        if args.typ == "pulumi:pulumi:StackReference":
            return args.name, {**args.inputs, "outputs": self.references}
        kind = args.typ.rsplit(":", 1)[-1]
        extra = {
            "FloatingIp": {"address": "203.0.113.9"},
            "LoadBalancer": {"vipPortId": f"port-of-{args.name}"},
        }
        return f"id-of-{args.name}", {**args.inputs, **extra.get(kind, {})}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        self.lookups.append((args.token, dict(args.args)))
        wanted = args.args.get("name") or next(value for _, value in sorted(args.args.items()))
        return {**args.args, "id": f"found-{wanted}"}

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the inputs of all resources of a kind (the type's last word), by name."""
        return {
            args.name: args.inputs
            for args in self.resources.values()
            if args.typ.rsplit(":", 1)[-1] == kind
        }

    def graph(self) -> dict[str, Any]:
        """Return all that was declared as plain data: inputs, and the provider by its name."""
        return {
            key: {"inputs": args.inputs}
            | ({"provider": args.provider.split("::")[-2]} if args.provider else {})
            for key, args in sorted(self.resources.items())
        }


Declare = Callable[..., dict[str, Any]]


class Monitor(pulumi_mocks.MockMonitor):
    """A monitor that keeps what the stack exports."""

    exports: dict[str, Any]

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self._cloud = cloud

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        secret = {key for key, value in request.object.items() if SECRET in str(value)}
        if secret:
            self._cloud.secrets.setdefault(request.name, set()).update(secret)
        if request.protect:
            self._cloud.protected.add(f"{request.type.rsplit(':', 1)[-1]} {request.name}")
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.exports = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def declare(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Run a program as a stack on the cloud; return what it exported."""
    loops: list[asyncio.AbstractEventLoop] = []
    new_loop = asyncio.new_event_loop

    def tracked() -> asyncio.AbstractEventLoop:
        # The mocks leave a loop behind in each of their threads.
        loops.append(new_loop())
        return loops[-1]

    monkeypatch.setattr(asyncio, "new_event_loop", tracked)
    loop = tracked()
    asyncio.set_event_loop(loop)

    def run(
        program: Callable[[], None], *, stack: str = "stack", preview: bool = False
    ) -> dict[str, Any]:
        monitor = Monitor(cloud)
        pulumi.runtime.set_mocks(cloud, stack=stack, preview=preview, monitor=monitor)
        settings.set_root_resource(None)
        loop.run_until_complete(run_in_stack(program))
        return monitor.exports

    yield run
    settings.reset_options()
    asyncio.set_event_loop(None)
    for each in loops:
        each.close()
