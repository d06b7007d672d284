"""Which calls meet which fault: a plan that the toolkit writes, in ``govstack.sandbox.faults``.

What happens is drawn from the plan's seed, the call and how often that call has come: two runs that
make the same calls meet the same faults, in whatever order the calls come.
"""

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FORMAT: Final = 1
STATUSES: Final = ("409", "429", "500", "502", "503")
SLOW: Final = "slow"
DROP: Final = "drop"
TOKEN: Final = "token"  # noqa: S105 - a kind of fault
SERVER_ERROR: Final = "server-error"
BALANCER_STUCK: Final = "balancer-stuck"
IDENTIFIERS: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
"""What differs from run to run in a path."""


@dataclass(frozen=True, slots=True)
class Call:
    """What one request asks for."""

    service: str
    method: str
    path: str

    @property
    def key(self) -> str:
        """Return the call without what differs from run to run."""
        return f"{self.service} {self.method} {IDENTIFIERS.sub('*', self.path)}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of fault, and whom it meets.

    Attributes:
        kind: a status code, ``slow``, ``drop``, ``token``, ``server-error`` or ``balancer-stuck``.
        share: of the calls (or servers, or balancers) that it could meet.
        service, method: only those of this service, by this method.
        path: only those whose path this pattern is found in.
        name: only servers and balancers in whose name this pattern is found.
        seconds: how long to wait, to be left alone, or how old a token may become.
        after: the cloud does what it is asked, and the answer is lost.
        first: how many it meets at most; 0 for all.
    """

    kind: str
    share: float = 1.0
    service: str = ""
    method: str = ""
    path: str = ""
    name: str = ""
    seconds: float = 0.0
    after: bool = False
    first: int = 0

    def may_meet(self, call: Call) -> bool:
        """Tell whether a call is among those that this can meet."""
        return (
            self.service in {"", call.service}
            and self.method in {"", call.method}
            and (not self.path or re.search(self.path, call.path) is not None)
        )


@dataclass(slots=True)
class Plan:
    """The rules, and what they have done so far."""

    number: int = 0
    seed: int = 0
    rules: tuple[Rule, ...] = ()
    calls: int = 0
    struck: Counter[int] = field(default_factory=Counter)
    _seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def faults_of(self, call: Call) -> tuple[Rule, ...]:
        """Draw which of the faults of calls this one meets; it counts from now on."""
        with self._lock:
            self.calls += 1
            drawn = (
                (index, rule)
                for index, rule in enumerate(self.rules)
                if (rule.kind in STATUSES or rule.kind in {SLOW, DROP}) and rule.may_meet(call)
            )
            return tuple(rule for index, rule in drawn if self._strikes(index, rule, call.key))

    def fault_of(self, kind: str, name: str) -> bool:
        """Draw whether something that was made under this name fails."""
        with self._lock:
            rules = ((index, rule) for index, rule in enumerate(self.rules) if rule.kind == kind)
            return any(
                self._strikes(index, rule, name)
                for index, rule in rules
                if re.search(rule.name, name)
            )

    @property
    def oldest_token(self) -> float | None:
        """Return how many seconds a token is good for, None if for as long as it says."""
        ages = [rule.seconds for rule in self.rules if rule.kind == TOKEN]
        return min(ages) if ages else None

    def note(self, kind: str) -> None:
        """Count that a fault of this kind has struck."""
        with self._lock:
            for index, rule in enumerate(self.rules):
                if rule.kind == kind:
                    self.struck[index] += 1

    def told(self) -> dict[str, Any]:
        """Return what the rules have done so far."""
        with self._lock:
            struck = [self.struck[index] for index in range(len(self.rules))]
            return {"number": self.number, "calls": self.calls, "struck": struck}

    def _strikes(self, index: int, rule: Rule, key: str) -> bool:
        if rule.first and self.struck[index] >= rule.first:
            return False
        counted = f"{index} {key}"
        self._seen[counted] += 1
        text = f"{self.seed} {counted} {self._seen[counted]}"
        drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
        if drawn >= rule.share:
            return False
        self.struck[index] += 1
        return True


class Planned:
    """The plan in a file, read anew whenever the file is another."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._read: tuple[int, int] = (0, 0)
        self._plan = Plan()
        self._lock = threading.Lock()

    @property
    def plan(self) -> Plan:
        """Return the plan of now; without a file there are no faults."""
        with self._lock:
            try:
                found = self._path.stat()
            except FileNotFoundError:
                return Plan()
            if (found.st_ino, found.st_mtime_ns) != self._read:
                self._read = (found.st_ino, found.st_mtime_ns)
                self._plan = read_plan(self._path)
                self._changed()
            return self._plan


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        ValueError: its format is not known.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["format"] != FORMAT:
        message = f"{path} has format {document['format']}, this govstack knows {FORMAT}"
        raise ValueError(message)
    rules = tuple(Rule(**rule) for rule in document["rules"])
    return Plan(int(document["number"]), int(document["seed"]), rules)
