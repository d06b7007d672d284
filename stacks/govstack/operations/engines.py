"""The engine of an environment: its programs, its folders, the variables that it runs with."""

from govstack.engine.job import Engine
from govstack.engine.salt import KEYS, PASSPHRASE, prepare_secrets
from govstack.engine.toolchain import environment, find_toolchain
from govstack.operations.session import Session
from govstack.plan.quota import CALLS_AT_ONCE
from govstack.site.model import Limits
from govstack.values.observer import Observer


def make_engine(session: Session, observer: Observer) -> Engine:
    """Return the engine, with its programs in place and the salt and keys of its secrets made."""
    places, limits = session.places, session.plan.environment.limits
    tools = find_toolchain(observer, cache=session.target.cache_home)
    engine = Engine(
        program=tools.pulumi.path,
        version=tools.pulumi.version,
        backend=places.backend,
        workspaces=places.workspaces,
        calls_at_once=limits.calls_at_once or CALLS_AT_ONCE,
        variables={
            **environment(tools, places.engine_home),
            **_patience(limits),
            PASSPHRASE: str(places.passphrase),
            KEYS: str(places.engine_home / "keys"),
            "OS_CLIENT_CONFIG_FILE": str(places.clouds),
        },
    )
    prepare_secrets(engine)
    return engine


def _patience(limits: Limits) -> dict[str, str]:
    """Return the variables by which the provider knows how patient to be."""
    said = {
        "GOVSTACK_PATIENCE_SECONDS": limits.patience_seconds,
        "GOVSTACK_SETTLE_SECONDS": limits.settle_seconds,
    }
    return {name: str(seconds) for name, seconds in said.items() if seconds}
