"""Faults that calls to the cloud are to meet: how they are written down, and what they have done.

They stand in a file of the cloud and last until they are cleared or the cloud is renewed.  The
proxy that brings them about is ``govstack_sandbox.faults``; it starts when somebody first wants
faults.
"""

import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from govstack.errors import FaultRefused, SandboxFailed
from govstack.sandbox.layout import Layout
from govstack.sandbox.status import CloudState, observe, read_inner_ports
from govstack.sandbox.waiting import tell_of_request

FORMAT: Final = 1
PROXY: Final = "faults"
SECONDS: Final = 10.0
PAUSE: Final = 0.05
SERVICES: Final = (
    *("keystone", "placement", "glance", "neutron", "nova", "cinder"),
    *("barbican", "designate", "octavia", "swift"),
)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
KINDS: Final = {
    "409": "the cloud says that something else is under way",
    "429": "too many calls; seconds= is how long it asks to be left alone (Retry-After)",
    "500": "an error of the service; after=yes: once it has done what it was asked",
    "502": "no service behind the gateway",
    "503": "the service is overloaded; seconds= as for 429",
    "slow": "the answer takes seconds= longer",
    "drop": "the connection ends without an answer; after=yes: once the work is done",
    "token": "tokens are good for seconds= only",
    "server-error": "servers end in ERROR",
    "balancer-stuck": "load balancers stay in PENDING_UPDATE",
    "mixed": "share= of all calls meet one of the faults of calls above",
}
"""Kinds of faults, and what each is; the last stands for several."""
NEEDS_SECONDS: Final = ("slow", "token")
EXAMPLE: Final = "500,service=neutron,method=POST,share=0.2"
YES: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault, and whom it meets; ``govstack_sandbox.faults.plan.Rule`` says how."""

    kind: str
    share: float = 1.0
    service: str = ""
    method: str = ""
    path: str = ""
    name: str = ""
    seconds: float = 0.0
    after: bool = False
    first: int = 0

    def __str__(self) -> str:
        said = [self.kind]
        for each in fields(self)[1:]:
            value = getattr(self, each.name)
            if value != each.default:
                said.append(f"{each.name}={'yes' if value is True else _plain(value)}")
        return ",".join(said)


@dataclass(frozen=True, slots=True)
class Faults:
    """What calls are to meet; nothing, if there are no faults.

    Attributes:
        struck: how often each has struck since it was set; empty while the cloud does not run.
        calls: how many calls there were since then.
    """

    faults: tuple[Fault, ...] = ()
    seed: int = 0
    number: int = 0
    struck: tuple[int, ...] = ()
    calls: int = 0


def parse(text: str) -> tuple[Fault, ...]:
    """Read a fault as people write it: ``KIND,KEY=VALUE,…``.

    Raises:
        FaultRefused: it is none; says what to write.
    """
    kind, *pairs = text.split(",")
    if kind not in KINDS:
        raise _refused(f"there is no kind of fault {kind!r}", f"there are: {', '.join(KINDS)}")
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in READERS:
            known = ", ".join(f"{name}=" for name in READERS)
            raise _refused(
                f"{pair!r} in {text!r} says nothing about a fault", f"there are: {known}"
            )
        values[key] = _read_value(key, value)
    fault = Fault(kind=kind, **values)
    if kind in NEEDS_SECONDS and not fault.seconds:
        raise _refused(f"{kind!r} needs to know for how long", f"for example: {kind},seconds=2")
    return _mixed(fault) if kind == "mixed" else (fault,)


def read_faults(root: Path) -> Faults:
    """Return what calls to the cloud in this folder meet, and what that has done so far.

    Raises:
        SandboxFailed: what is written down cannot be read.
    """
    written = _written(root)
    told = _told(root) if written.number else {}
    if told.get("number") != written.number:
        return written
    return replace(written, struck=tuple(told["struck"]), calls=int(told["calls"]))


def set_faults(root: Path, faults: tuple[Fault, ...], seed: int) -> None:
    """Have calls meet these faults and no others, from now on; none clears them.

    Raises:
        SandboxFailed: there is no cloud, or it does not heed them.
    """
    layout = Layout(root)
    if not layout.cloud.exists():
        raise SandboxFailed(
            f"there is no embedded cloud in {root}", hint="make one: govstack sandbox start"
        )
    number = _written(root).number + 1
    if not faults and number == 1:
        return
    document = {
        "format": FORMAT,
        "number": number,
        "seed": seed,
        "rules": [asdict(fault) for fault in faults],
    }
    _write(layout.faults, json.dumps(document, indent=1))
    if observe(root).state in {CloudState.RUNNING, CloudState.DEGRADED}:
        tell_of_request(root)
        _wait(root, number)


def proxied(root: Path, auth_url: str) -> str:
    """Return where to find the identity service so that faults are met, if there are any."""
    port = read_inner_ports(Layout(root)).get(PROXY)
    if not port or not _written(root).faults:
        return auth_url
    return f"http://127.0.0.1:{port}/keystone/v3"


def _mixed(fault: Fault) -> tuple[Fault, ...]:
    """Return faults of every kind that calls can meet, which share what the one says."""
    parts = (
        Fault(kind="429", seconds=1),
        Fault(kind="429"),
        Fault(kind="409"),
        Fault(kind="500"),
        Fault(kind="500", after=True),
        Fault(kind="502"),
        Fault(kind="503"),
        Fault(kind="503", seconds=1),
        Fault(kind="slow", seconds=1),
        Fault(kind="drop"),
        Fault(kind="drop", after=True),
    )
    return tuple(
        replace(
            part,
            share=round(fault.share / len(parts), 4),
            service=fault.service,
            method=fault.method,
            path=fault.path,
        )
        for part in parts
    )


def _read_value(key: str, value: str) -> Any:  # noqa: ANN401 - as the key wishes
    read, wanted = READERS[key]
    try:
        return read(value)
    except (ValueError, KeyError, re.error):
        raise _refused(f"{key}={value} cannot be", f"{key}= is {wanted}") from None


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = float(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    return lambda text: known[known.index(text)]


def _pattern(text: str) -> str:
    return re.compile(text).pattern


READERS: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "share": (_number(0.0, 1.0), "a number from 0 to 1, such as 0.33"),
    "service": (_one_of(SERVICES), f"one of {', '.join(SERVICES)}"),
    "method": (_one_of(METHODS), f"one of {', '.join(METHODS)}"),
    "path": (_pattern, "a pattern that is found in the path, such as /ports$"),
    "name": (_pattern, "a pattern that is found in a server's or balancer's name"),
    "seconds": (_number(0.0, 3600.0), "a number of seconds up to 3600"),
    "after": (YES.__getitem__, "yes or no"),
    "first": (lambda text: int(_number(1, 10**6)(text)), "how many at most, such as 1"),
}
"""What can be said of a fault: how it is read, and what it has to be."""


def _refused(message: str, hint: str) -> FaultRefused:
    return FaultRefused(message, hint=f"{hint}; a whole fault: {EXAMPLE}")


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _written(root: Path) -> Faults:
    path = Layout(root).faults
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        known = document["format"] == FORMAT
        rules = tuple(Fault(**rule) for rule in document["rules"]) if known else ()
        number, seed = int(document["number"]), int(document["seed"])
    except FileNotFoundError:
        return Faults()
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailed(
            f"{path} cannot be read: {error!r}", hint="remove it: the cloud then has no faults"
        ) from error
    if not known:
        raise SandboxFailed(
            f"{path} has format {document['format']}, and this govstack knows format {FORMAT}",
            hint="use the govstack that wrote it, or remove it: the cloud then has no faults",
        )
    return Faults(rules, seed, number)


def _told(root: Path) -> dict[str, Any]:
    """Return what the proxy says of itself, nothing if it does not run."""
    port = read_inner_ports(Layout(root)).get(PROXY)
    if not port:
        return {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/_faults", timeout=SECONDS) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except (OSError, ValueError):
        return {}


def _wait(root: Path, number: int) -> None:
    deadline = time.monotonic() + SECONDS
    while _told(root).get("number") != number:
        if time.monotonic() > deadline:
            raise SandboxFailed(
                "the embedded cloud does not heed its faults",
                hint=f"see {Layout(root).output(PROXY)}",
            )
        time.sleep(PAUSE)


def _write(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.rename(path)
