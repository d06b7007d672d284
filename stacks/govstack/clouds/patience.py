"""Calls by openstacksdk that outlast a cloud in trouble: what failed in passing is repeated.

The provider does the same for its own calls (``toolchain/provider/patience.go``).  A call that may
have been carried out is repeated only if a second time changes nothing; ours only ask and remove.
"""

import functools
import json
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openstack.config import OpenStackConfig
    from requests import PreparedRequest, Response, Session

PATIENCE_KEY: Final = "govstack_patience"
"""Where an entry of our own clouds.yaml says for how many seconds a call is repeated."""
USUAL_SECONDS: Final = 120.0
FIRST_PAUSE: Final = 0.3
LONGEST_PAUSE: Final = 8.0
CONNECTIONS: Final = 16
CONFLICTS: Final = 4
"""How often a call is repeated that is refused because something else is under way."""
PASSING: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(slots=True)
class Patience:
    """For how long, and how, calls are repeated; once it has ended, the others are not any more."""

    seconds: float = USUAL_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    ended: bool = False

    def send(self, request: "PreparedRequest", once: Callable[[], "Response"]) -> "Response":
        """Send a request until it is answered, or patience ends; the last answer counts."""
        from requests import exceptions  # noqa: PLC0415 - heavy, seldom needed

        deadline = self.clock() + (0.0 if self.ended else self.seconds)
        attempt = conflicts = 0
        while True:
            attempt += 1
            pause = pause_after(attempt)
            try:
                answer = once()
            except (exceptions.ConnectionError, exceptions.Timeout) as error:
                undone = isinstance(error, exceptions.ConnectTimeout) or "refused" in str(error)
                if not (undone or _repeats(request)) or self._is_over(pause, deadline):
                    raise
            else:
                pause = max(pause, _asked_for(answer))
                conflict = answer.status_code == HTTPStatus.CONFLICT
                conflicts += conflict
                passes = conflicts <= CONFLICTS if conflict else _passes(request, answer)
                if not passes or self._is_over(pause, deadline):
                    return answer
                answer.close()
            self.sleep(pause)

    def _is_over(self, pause: float, deadline: float) -> bool:
        self.ended |= self.clock() + pause > deadline
        return self.ended


def pause_after(attempt: int) -> float:
    """Return how long to wait after an attempt: longer each time, never as long as others."""
    whole = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    return float(whole * random.uniform(0.5, 1))  # noqa: S311 - no secret


def config_of(clouds_file: Path, most_seconds: float = math.inf) -> "OpenStackConfig":
    """Return the configuration of the SDK by this clouds.yaml and nothing else.

    Calls are repeated for as long as the file says, and no longer than is said here.
    """
    from keystoneauth1.session import Session as AuthSession  # noqa: PLC0415 - heavy, seldom needed
    from openstack.config import OpenStackConfig  # noqa: PLC0415 - as above

    session = patient_session(Patience(min(_said(clouds_file), most_seconds)))
    return OpenStackConfig(
        config_files=[str(clouds_file)],
        load_envvars=False,
        session_constructor=functools.partial(AuthSession, session=session),  # type: ignore[arg-type] # it is called, no more
    )


def patient_session(patience: Patience) -> "Session":
    """Return a session whose calls are repeated."""
    from requests import Session  # noqa: PLC0415 - heavy, seldom needed
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - as above

    class Adapter(HTTPAdapter):
        def __init__(self) -> None:
            super().__init__(pool_maxsize=CONNECTIONS)
            self.patience = patience

        def send(self, request: "PreparedRequest", *args: Any, **kwargs: Any) -> "Response":  # noqa: ANN401 - as requests
            send = super().send
            return patience.send(request, lambda: send(request, *args, **kwargs))

    session = Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter())
    return session


def _repeats(request: "PreparedRequest") -> bool:
    """Tell whether a second time changes nothing; who asks for a token twice has two."""
    return request.method != "POST" or str(request.url).endswith("/auth/tokens")


def _passes(request: "PreparedRequest", answer: "Response") -> bool:
    if answer.status_code not in PASSING:
        return False
    refused = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or bool(
        answer.headers.get("Retry-After")
    )
    return refused or _repeats(request)


def _asked_for(answer: "Response") -> float:
    """Return how many seconds the cloud asks to be left alone."""
    said = answer.headers.get("Retry-After", "")
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return 0.0


def _said(clouds_file: Path) -> float:
    """Return the patience that our own file asks for; what we write is JSON."""
    try:
        entries = json.loads(clouds_file.read_text(encoding="utf-8"))["clouds"].values()
    except (OSError, ValueError, KeyError):
        return USUAL_SECONDS
    said = (float(each[PATIENCE_KEY]) for each in entries if PATIENCE_KEY in each)
    return next(said, USUAL_SECONDS)
