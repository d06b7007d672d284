"""The engine of an environment: its programs, its folders, the variables that it runs with.

It is got when the first stack really has to be run, and with it the cloud is looked at.
"""

from functools import partial
from typing import Final

from govstack.clouds.check import check_cloud
from govstack.engine.job import Engine, Verb
from govstack.engine.pool import Pool
from govstack.engine.salt import KEYS, PASSPHRASE, prepare_secrets
from govstack.engine.toolchain import environment, find_toolchain
from govstack.operations.checking import Check
from govstack.operations.session import Session
from govstack.plan.quota import CALLS_AT_ONCE
from govstack.site.model import Limits
from govstack.state.keys import wrapped_in
from govstack.state.places import Places
from govstack.state.transit import engine_variables
from govstack.values.observer import Observer

PREVIEWS: Final = frozenset({Verb.PREVIEW, Verb.PREVIEW_DESTROY})


class RunningEngine:
    """The engine of a run; `made` is None until somebody needs it."""

    def __init__(self, session: Session, observer: Observer, pool: Pool) -> None:
        self._session = session
        self._observer = observer
        self._pool = pool
        self._check: Check | None = None
        self.made: Engine | None = None

    def check(self) -> None:
        """Wait until the cloud has passed its check, if one was begun."""
        if self._check:
            self._check.passed()

    def ready(self, verb: Verb = Verb.UPDATE) -> Engine:
        """Return the engine; before anything is changed, the cloud has passed its check.

        A preview begins meanwhile, and is told only if the cloud has passed.
        """
        if self._check is None:
            self._pool.warm()
            check = partial(check_cloud, self._session.places.clouds, self._session.plan)
            self._check = Check(check, self._pool.interrupt)
        if self.made is None:
            self.made = make_engine(self._session, self._observer)
        if verb in PREVIEWS:
            self._check.passed_so_far()
        else:
            self._check.passed()
        return self.made


def make_engine(session: Session, observer: Observer) -> Engine:
    """Return the engine, with its programs in place and the salt and keys of its secrets made."""
    places, limits = session.places, session.plan.environment.limits
    wrapped = wrapped_in(places)
    tools = find_toolchain(observer, cache=session.target.cache_home)
    engine = Engine(
        program=tools.pulumi.path,
        version=tools.pulumi.version,
        backend=places.backend,
        workspaces=places.workspaces,
        settings=wrapped.settings if wrapped else "",
        calls_at_once=limits.calls_at_once or CALLS_AT_ONCE,
        variables={
            **environment(tools, places.engine_home),
            **_patience(limits),
            **secret_variables(places),
            "OS_CLIENT_CONFIG_FILE": str(places.clouds),
        },
    )
    prepare_secrets(engine)
    return engine


def secret_variables(places: Places) -> dict[str, str]:
    """Return the variables by which the engine opens what it has encrypted."""
    if wrapped_in(places):
        return dict(engine_variables())
    return {PASSPHRASE: str(places.passphrase), KEYS: str(places.engine_home / "keys")}


def _patience(limits: Limits) -> dict[str, str]:
    """Return the variables by which the provider knows how patient to be."""
    said = {
        "GOVSTACK_PATIENCE_SECONDS": limits.patience_seconds,
        "GOVSTACK_SETTLE_SECONDS": limits.settle_seconds,
    }
    return {name: str(seconds) for name, seconds in said.items() if seconds}
