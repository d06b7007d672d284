"""What is taken out of the SDK changes nothing that reaches the engine."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import resource, settings, stack
from pulumi.runtime.stack import run_in_stack

from govstack.engine import sdk
from govstack.engine.sdk import quicken
from govstack.layers.program import Inputs, PlatformInputs, program
from govstack.plan.make import make_plan
from govstack.site.load import load_site
from govstack.values.secret import Secret

from .conftest import Cloud, Monitor

Requests = dict[str, Any]
ADDRESS = re.compile(r"0x[0-9a-f]+")
Heard = Callable[[Callable[[], None]], Requests]


class Listener(Monitor):
    """Keeps each request to the engine as a whole, but for where in the code it comes from."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.requests: Requests = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        kept = type(request)()
        kept.CopyFrom(request)
        for field in ("stackTrace", "sourcePosition"):
            kept.ClearField(field)
        self.requests[f"{request.type} {request.name}"] = str(kept)
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's name
        self.requests[f"outputs of {request.urn}"] = str(request)
        return super().RegisterResourceOutputs(request)


@pytest.fixture
def _stock() -> Iterator[None]:
    """Put back what is replaced, also in case the test fails."""
    kept = (pulumi.log.debug, stack.wait_for_rpcs, resource._get_stack_trace)
    yield
    pulumi.log.debug, stack.wait_for_rpcs, resource._get_stack_trace = kept


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """Run a program; return what it tells the engine, and what it ends with."""
    loops: list[asyncio.AbstractEventLoop] = []
    new_loop = asyncio.new_event_loop

    def tracked() -> asyncio.AbstractEventLoop:
        # The mocks leave a loop behind in each of their threads.
        loops.append(new_loop())
        return loops[-1]

    monkeypatch.setattr(asyncio, "new_event_loop", tracked)

    def run(program: Callable[[], None]) -> Requests:
        loop = tracked()
        asyncio.set_event_loop(loop)
        cloud = Cloud()
        monitor = Listener(cloud)
        pulumi.runtime.set_mocks(cloud, stack="stack", monitor=monitor)
        settings.set_root_resource(None)
        try:
            loop.run_until_complete(run_in_stack(program))
        except Exception as error:  # noqa: BLE001 - how it fails is compared
            monitor.requests["error"] = ADDRESS.sub("", f"{type(error).__name__}: {error}")
        return monitor.requests

    yield run
    settings.reset_options()
    asyncio.set_event_loop(None)
    for each in loops:
        each.close()


def everything(city: Path) -> Callable[[], None]:
    plan = make_plan(load_site(city, "sandbox"))
    users = [project.user for project in plan.platform.projects]
    inputs: Inputs = PlatformInputs(plan.platform, {user: Secret("x") for user in users}, city)
    return program(inputs)


def failing_output() -> None:
    def fail(_: object) -> None:
        message = "this output fails"
        raise ValueError(message)

    pulumi.export("fine", pulumi.Output.from_input(1))
    pulumi.export("failing", pulumi.Output.from_input(2).apply(fail))


def failing_program() -> None:
    message = "this program fails"
    raise ValueError(message)


def nested_outputs() -> None:
    first = pulumi.Output.from_input(1)
    made = first.apply(lambda one: pulumi.Output.from_input(one + 1).apply(lambda two: two + 1))
    pulumi.export("three", pulumi.Output.secret(made))


@pytest.mark.usefixtures("_stock")
def test_the_engine_hears_the_same_of_a_whole_city(yunzhou: Path, heard: Heard) -> None:
    before = heard(everything(yunzhou))
    assert quicken()
    assert heard(everything(yunzhou)) == before
    assert len(before) > 60


@pytest.mark.usefixtures("_stock")
@pytest.mark.parametrize("run", [failing_output, failing_program, nested_outputs])
def test_programs_end_as_they_did(run: Callable[[], None], heard: Heard) -> None:
    before = heard(run)
    assert quicken()
    assert _lasting(heard(run)) == _lasting(before)


def _lasting(requests: dict[str, str]) -> dict[str, str]:
    """Leave out what a program that fails may or may not have told before: it has no outputs."""
    return {
        name: text
        for name, text in requests.items()
        if not (name.startswith("outputs of ") and text.endswith("outputs {\n}\n"))
    }


@pytest.mark.usefixtures("_stock")
def test_nothing_is_taken_out_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = (pulumi.log.debug, stack.wait_for_rpcs, resource._get_stack_trace)
    monkeypatch.setattr(sdk, "version", lambda _: "3.260.0")
    assert not quicken()
    assert (pulumi.log.debug, stack.wait_for_rpcs, resource._get_stack_trace) == kept


@pytest.mark.usefixtures("_stock")
def test_no_file_of_this_machine_is_told(
    yunzhou: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicken()
    told: list[str] = []
    register = Monitor.RegisterResource

    def listen(self: Monitor, request: Any) -> Any:
        told.append(str(request.stackTrace) + str(request.sourcePosition))
        return register(self, request)

    monkeypatch.setattr(Monitor, "RegisterResource", listen)
    heard(everything(yunzhou))
    assert set(told) == {""}
