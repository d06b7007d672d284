"""How long the inventory of the large city takes: `python benchmarks/inventory.py`.

Site and plan are made before, which `benchmarks/large_city.py` measures; records are as a run
leaves them. Each round is a process of its own, so nothing is known from before.
"""

import dataclasses
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

from govstack.engine.job import StackResult
from govstack.inventory.documents import listing, variables_of, yaml_text
from govstack.inventory.make import make_inventory
from govstack.inventory.model import Login
from govstack.layers.outputs import PlatformOutputs
from govstack.operations.decide import given_by
from govstack.operations.doubts import knowledge
from govstack.operations.fingerprint import fingerprint
from govstack.operations.inputs import inputs_of
from govstack.operations.keeping import after_run
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.plan.login import ways_in
from govstack.plan.model import StackPlan, SystemPlan
from govstack.state.records import read_records, write_record
from govstack.state.secrets import passphrase, passwords

CITY = Path(__file__).resolve().parent.parent / "inventories" / "yunzhou"
OPERATOR = IPv4Address("198.51.100.1")
ROUNDS = 3
ROW = "{:<36} {:>9} {:>11} {:>7}"
AIMS = {"--list": 1.0, "--host": 0.1}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _leave(_session(folder))
        rounds = [_round(folder) for _ in range(ROUNDS)]
    print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}\n")
    print(ROW.format("", "time", "processor", "aim"))
    for name in rounds[0]:
        times, busy = zip(*(measured[name] for measured in rounds), strict=True)
        aim = f"{AIMS[name]} s" if name in AIMS else ""
        print(ROW.format(name, f"{max(times):.3f} s", f"{max(busy):.3f} s", aim))
    print(f"\nworst of {ROUNDS}, without loading and planning the site")


def _round(folder: str) -> dict[str, tuple[float, float]]:
    command = [sys.executable, __file__, folder]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = (line.rsplit(" ", 2) for line in ran.stdout.splitlines())
    return {name: (float(time_), float(busy)) for name, time_, busy in lines}


def measure(folder: str) -> None:
    """Print how long each part takes, by the clock and by the processor."""
    session = _session(folder)
    names = [node.name for system in session.plan.systems for node in system.nodes]
    started = _now()
    _host(session, names[len(names) // 2])
    _tell("--host", started)
    started = _now()
    found = knowledge(session, read_records(session.places), "")
    if found.doubts:
        raise AssertionError(found.doubts)
    known = _tell("  read records, compare inputs", started)
    inventory = make_inventory(session.site, session.plan, found.known, _login(session))
    made = _tell(f"  make the inventory of {len(inventory.hosts)} hosts", known)
    size = len(listing(inventory).encode())
    _tell(f"  write {size / 1e6:.1f} MB of JSON", made)
    written = _tell("--list", started)
    yaml_text(inventory)
    _tell("the same as YAML, besides", written)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _tell(name: str, started: tuple[float, float]) -> tuple[float, float]:
    """Print how long it took since then; return the time now."""
    now = _now()
    print(name, now[0] - started[0], now[1] - started[1])
    return now


def _host(session: Session, name: str) -> str:
    found = knowledge(session, read_records(session.places), name)
    inventory = make_inventory(session.site, session.plan, found.known, _login(session), name)
    return variables_of(inventory.hosts[0])


def _login(session: Session) -> Login:
    ways = ways_in(session.site, session.plan, OPERATOR)
    return Login(ways=ways, configuration="/state/ssh/config", user="debian")


def _session(folder: str) -> Session:
    home = Path(folder)
    return open_session(Target(root=CITY, environment="large", state_home=home, cache_home=home))


def _leave(session: Session) -> None:
    """Leave the records that a run leaves."""
    plan = session.plan
    keys = [project.user for project in plan.platform.projects]
    keys += [each.key for system in plan.systems for each in system.credentials]
    known = passwords(session.places, keys)
    key = passphrase(session.places)
    given = given_by(plan.platform, None)
    for stack in plan.stacks:
        made = fingerprint(inputs_of(session, stack, given, known), key)
        result = StackResult(system=stack.id, outputs=_outputs(stack, given))
        write_record(session.places, after_run(stack, result, made))


def _outputs(stack: StackPlan, given: PlatformOutputs) -> Mapping[str, object]:
    if not isinstance(stack, SystemPlan):
        return dataclasses.asdict(given)
    ids = {node.name: f"{number:036d}" for number, node in enumerate(stack.nodes)}
    return {"networks": {}, "nodes": ids, "floating_ips": {}, "endpoints": {}}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        main()
