"""Records as a run of all systems leaves them, for tests of what comes after."""

import dataclasses
from collections.abc import Callable, Mapping

import pytest

from govstack.engine.job import StackResult
from govstack.layers.outputs import PlatformOutputs
from govstack.operations.decide import given_by
from govstack.operations.fingerprint import fingerprint
from govstack.operations.inputs import inputs_of
from govstack.operations.keeping import after_run
from govstack.operations.session import Session
from govstack.plan.model import SystemPlan
from govstack.state.records import write_record
from govstack.state.secrets import passphrase, passwords


@pytest.fixture
def leave() -> Callable[[Session], None]:
    """Write the records of all systems, as if all had just been run; without any checkpoint."""
    return _leave


def _leave(session: Session) -> None:
    users = [project.user for project in session.plan.platform.projects]
    known = passwords(session.places, users)
    given = given_by(session.plan.platform, None)
    images = {image.id: f"id of {image.adopted}" for image in session.plan.platform.images}
    given = dataclasses.replace(given, images=images)
    key = passphrase(session.places)
    for stack in session.plan.stacks:
        made = fingerprint(inputs_of(session, stack, given, known), key)
        gave = given if stack.id == "platform" else None
        record = after_run(stack, StackResult(system=stack.id, outputs=_told(gave)), made)
        if isinstance(stack, SystemPlan):
            born = {
                node.name: {"id": images[node.image], "label": images[node.image][6:]}
                for node in stack.nodes
            }
            record = dataclasses.replace(record, born=born)
        write_record(session.places, record)


def _told(given: PlatformOutputs | None) -> Mapping[str, object]:
    empty: Mapping[str, object] = {
        "networks": {},
        "nodes": {},
        "floating_ips": {},
        "endpoints": {},
    }
    return empty if given is None else dataclasses.asdict(given)
