"""How long it takes to decide that a city of 500 systems has not changed.

`python benchmarks/unchanged.py [SYSTEMS]` makes records and checkpoints as a run leaves them, for a
fabricated site of so many systems of six nodes each, then decides with warm caches. The plan is
made before: `benchmarks/large_city.py` measures that.
"""

import dataclasses
import json
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from govstack.engine.checkpoint import checkpoint_digest, checkpoint_path
from govstack.engine.job import StackResult
from govstack.layers.outputs import PlatformOutputs
from govstack.operations.decide import given_by, standings
from govstack.operations.fingerprint import fingerprint
from govstack.operations.inputs import inputs_of
from govstack.operations.keeping import after_run
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.plan.model import Plan, StackPlan, SystemPlan
from govstack.state.records import read_records, write_record
from govstack.state.secrets import passphrase, passwords

CITY = Path(__file__).resolve().parent.parent / "inventories" / "yunzhou"
ROUNDS = 5
AIM_SECONDS = 0.5
NODES = 6
BYTES_A_RESOURCE = 3500
"""What a port or a server takes in a checkpoint."""


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        session = _city(Path(folder), number)
        _leave(session)
        rounds = [_decide(session) for _ in range(ROUNDS)]
    print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}\n")
    print(f"{number} systems, {number * NODES} nodes; best and worst of {ROUNDS}")
    for name in ("read records", "compare inputs and checkpoints", "together"):
        times = [measured[name] for measured in rounds]
        print(f"  {name:<32} {min(times):.3f} s  {max(times):.3f} s")
    print(f"\naim: {AIM_SECONDS} s together")


def _city(folder: Path, number: int) -> Session:
    """Return a session whose plan holds so many systems, made after those of the large city."""
    target = Target(root=CITY, environment="large", state_home=folder, cache_home=folder)
    session = open_session(target)
    models = [system for system in session.plan.systems if len(system.nodes) >= NODES]
    systems = tuple(_like(models[i % len(models)], f"app-{i:03d}") for i in range(number))
    projects = tuple(system.project for system in systems)
    plan: Plan = dataclasses.replace(
        session.plan,
        platform=dataclasses.replace(session.plan.platform, projects=projects),
        systems=systems,
    )
    return dataclasses.replace(session, plan=plan)


def _like(model: SystemPlan, id_: str) -> SystemPlan:
    return dataclasses.replace(
        model,
        id=id_,
        birth=id_,
        nodes=model.nodes[:NODES],
        containers=(),
        project=dataclasses.replace(model.project, system=id_, birth=id_, user=f"svc-{id_}"),
        upstream=("platform",),
    )


def _leave(session: Session) -> None:
    """Leave what a run leaves: records and checkpoints."""
    keys = [project.user for project in session.plan.platform.projects]
    keys += [each.key for system in session.plan.systems for each in system.credentials]
    known = passwords(session.places, keys)
    key = passphrase(session.places)
    given = given_by(session.plan.platform, None)
    for stack in session.plan.stacks:
        made = fingerprint(inputs_of(session, stack, given, known), key)
        path = checkpoint_path(session.places.backend, stack.layer.value, stack.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"resources": "x" * _size(stack)}), encoding="utf-8")
        result = StackResult(system=stack.id, outputs=_outputs(stack, given))
        record = dataclasses.replace(
            after_run(stack, result, made),
            checkpoint=checkpoint_digest(session.places.backend, stack.layer.value, stack.id),
        )
        write_record(session.places, record)


def _outputs(stack: StackPlan, given: PlatformOutputs) -> Mapping[str, object]:
    if not isinstance(stack, SystemPlan):
        return dataclasses.asdict(given)
    ids = {node.name: f"{number:036d}" for number, node in enumerate(stack.nodes)}
    return {"networks": {}, "nodes": ids, "floating_ips": {}, "endpoints": {}}


def _size(stack: StackPlan) -> int:
    number = len(stack.nodes) * 4 + 20 if isinstance(stack, SystemPlan) else 40
    return number * BYTES_A_RESOURCE


def _decide(session: Session) -> dict[str, float]:
    started = time.perf_counter()
    records = read_records(session.places)
    read = time.perf_counter()
    stands = list(standings(session, records, session.plan.stacks))
    ended = time.perf_counter()
    if not all(stand.is_unchanged for _, stand in stands):
        message = "something is said to have changed"
        raise AssertionError(message)
    return {
        "read records": read - started,
        "compare inputs and checkpoints": ended - read,
        "together": ended - started,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
