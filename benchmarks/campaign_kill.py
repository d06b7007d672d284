"""Kills runs at random moments, and sees that the next converges: `campaign_kill.py [--seed N]`.

Runs the commands that a user types, on an embedded cloud of its own that is removed afterwards.
In each case one process of a run (the command itself, a worker, an engine or a provider) is ended
by SIGKILL at a moment drawn by the seed.  The same command is then given again, at once: it must
succeed, `sweep --check` must find nothing, and the engine must find the city as declared.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
GOVSTACK = Path(sys.executable).parent / "govstack"
SITE = CHECKOUT / "tests" / "data" / "sites" / "yunzhou"
VICTIMS = ("parent", "worker", "engine", "provider")
FORKSERVER = "multiprocessing.forkserver"
LOOK_SECONDS = 0.02
"""How often a run is looked at for a process of the kind that is to be killed."""

WHOLE_SECONDS = {"up": 30.0, "down": 12.0}
PART_SECONDS = {"up": 10.0, "down": 6.0}
"""How long a run over all systems, and over some, may be at work on a machine of two processors."""

TRIES = 4
ROW = "{:>3}  {:<5} {:<8} {:<9} {:>6}  {:>5}  {:>5} {:>7}  {}"


@dataclass(frozen=True, slots=True)
class Case:
    """One run that is to be killed: which systems are (to be) down, whom it hits and how late."""

    verb: str
    victim: str
    share: float
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a case ended; `wrong` is empty if all was well.

    Attributes:
        second: how long the run had been at work when it was hit.
        exit_code: of the run that was hit; negative if it was hit itself.
        again: exit code of the same command, given again.
        seconds: how long that took.
        told: what it said of the interrupted run.
    """

    case: Case
    second: float
    exit_code: int
    again: int
    seconds: float
    told: str
    wrong: str

    def row(self, number: int) -> str:
        return ROW.format(
            number,
            self.case.verb,
            self.case.victim,
            ",".join(self.case.systems) or "all",
            f"{self.second:.1f}",
            self.exit_code,
            self.again,
            f"{self.seconds:.1f}",
            self.wrong or self.told or "ok",
        )


class City:
    """A copy of the small city with an embedded cloud of its own."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "yunzhou"
        shutil.copytree(SITE, self.site)
        self.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
            "GOVSTACK_STATE_HOME": str(folder / "state"),
            "GOVSTACK_UP_CLOUD_ONLY": "1",
            "LANG": "C.UTF-8",
        }

    def command(self, *arguments: str) -> list[str]:
        return [str(GOVSTACK), "--output", "json", "--site", str(self.site), *arguments]

    def run(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            self.command(*arguments),
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            return done.returncode, dict(json.loads(done.stdout))
        except ValueError:
            return done.returncode, {"error": {"message": done.stdout + done.stderr}}


def killed(
    command: list[str], variables: dict[str, str], case: Case, length: float
) -> tuple[float, int]:
    """Run a command, kill the victim, and wait until the command has ended by itself.

    Return the second at which it was hit (below 0 if it never was) and the exit code.
    """
    started = time.monotonic()
    with subprocess.Popen(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        second = -1.0
        while run.poll() is None:
            late = time.monotonic() - started >= case.share * length
            if late and _hit(run.pid, case):
                second = time.monotonic() - started
                break
            with suppress(subprocess.TimeoutExpired):
                run.wait(LOOK_SECONDS)
        return second, run.wait()


def cases(seed: int, ups: int, downs: int) -> Iterator[Case]:
    """Yield the cases of a seed: every kind of victim in turn, moments and systems by chance."""
    chance = random.Random(seed)
    verbs = ["up"] * ups + ["down"] * downs
    chance.shuffle(verbs)
    for number, verb in enumerate(verbs):
        systems = chance.choice([(), (), ("dat-rdb",), ("inf-log",)])
        yield Case(verb, VICTIMS[number % len(VICTIMS)], chance.random(), systems)


def judged(city: City, case: Case) -> Verdict:
    """Bring the city into the state that the case begins with, and carry the case out.

    A run that ended before it was hit is done again, and hit earlier.
    """
    up, down = ("up", "--yes"), ("down", "--yes", *case.systems)
    command = city.command(*(down if case.verb == "down" else up))
    before = down if case.verb == "up" else up
    length = (PART_SECONDS if case.systems else WHOLE_SECONDS)[case.verb]
    wrong, second, exit_code = "", -1.0, 0
    for attempt in range(TRIES):
        prepared, answer = city.run(*before)
        wrong = wrong or ("" if prepared == 0 else f"{before[0]} before: {_why(answer)}")
        second, exit_code = killed(command, city.variables, case, length / 2**attempt)
        if second >= 0:
            break
    started = time.monotonic()
    again, answer = city.run(*(down if case.verb == "down" else up))
    seconds = time.monotonic() - started
    told = "; ".join(note["text"] for note in answer.get("notes", ()))
    wrong = wrong or ("" if again == 0 else _why(answer)) or _left(city, case)
    return Verdict(
        case=case,
        second=second,
        exit_code=exit_code,
        again=again,
        seconds=seconds,
        told=told,
        wrong=wrong,
    )


def _left(city: City, case: Case) -> str:
    """Return what is not as it should be, now that the command has succeeded."""
    code, answer = city.run("sweep", "--check")
    if code:
        things = (answer.get("data") or {}).get("things", ())
        names = ", ".join(f"{each['kind']} {each['name']}" for each in things)
        return f"orphans: {names or _why(answer)}"
    if case.verb == "up":
        code, answer = city.run("up", "--yes", "--all")
        changes = [
            f"{change['action']} {change['name']}"
            for system in (answer.get("data") or {}).get("systems", ())
            for change in system["changes"]
        ]
        if code or changes:
            return f"not as declared: {', '.join(changes) or _why(answer)}"
    return ""


def _why(answer: dict[str, Any]) -> str:
    failed = [
        f"{system['id']}: {system['error']}"
        for system in (answer.get("data") or {}).get("systems", ())
        if system.get("error")
    ]
    return "; ".join(failed) or str((answer.get("error") or {}).get("message", answer))


def _hit(parent: int, case: Case) -> bool:
    """Kill one process of the run that is of the victim's kind; tell whether there was one."""
    found = [pid for pid, kind in _family(parent) if kind == case.victim]
    if not found:
        return False
    chosen = found[int(case.share * 1000) % len(found)]
    with suppress(ProcessLookupError):
        os.kill(chosen, signal.SIGKILL)
        return True
    return False


def _family(parent: int) -> Iterator[tuple[int, str]]:
    """Yield a run's processes and what they are; known by descent alone."""
    yield parent, "parent"
    children: dict[int, list[tuple[int, str]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            state = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            children.setdefault(int(state[1]), []).append((int(folder.name), command))
    todo = [(pid, command, "parent") for pid, command in children.get(parent, ())]
    while todo:
        pid, command, above = todo.pop()
        kind = _kind(command, above)
        yield pid, kind
        todo += [(child, line, kind) for child, line in children.get(pid, ())]


def _kind(command: str, above: str) -> str:
    if "pulumi-resource-" in command:
        return "provider"
    if FORKSERVER in command:
        return "worker" if above == "server" else "server"
    return "engine" if above == "worker" else "other"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--up", type=int, default=50, help="how many runs of up to kill")
    parser.add_argument("--down", type=int, default=20, help="how many runs of down to kill")
    parser.add_argument("--json", action="store_true", help="print verdicts as JSON lines")
    options = parser.parse_args()
    failed = 0
    if not options.json:
        print(f"seed {options.seed}")
        titles = ("", "verb", "victim", "systems", "hit at", "exit", "again", "seconds", "")
        print(ROW.format(*titles), flush=True)
    with tempfile.TemporaryDirectory(prefix="govstack-kill-") as folder:
        city = City(Path(folder))
        try:
            city.run("sandbox", "start")
            for number, case in enumerate(cases(options.seed, options.up, options.down), 1):
                verdict = judged(city, case)
                failed += bool(verdict.wrong)
                line = json.dumps(asdict(verdict)) if options.json else verdict.row(number)
                print(line, flush=True)
        finally:
            city.run("sandbox", "remove", "--yes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
