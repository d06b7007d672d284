"""How the engine is run for one environment: with which programs, variables and limits."""

from govstack.clouds.check import check_cloud
from govstack.engine.job import Engine
from govstack.engine.toolchain import environment, find_toolchain
from govstack.operations.session import Session
from govstack.plan.quota import CALLS_AT_ONCE
from govstack.site.model import Limits
from govstack.values.observer import Observer


def make_engine(session: Session, observer: Observer) -> Engine:
    """Return the engine, once the cloud is there and has what the plan needs.

    Raises:
        CloudUnreachable, CatalogMissing: it is not, or has not.
        ToolchainUnfit: a program cannot be had.
    """
    places, limits = session.places, session.plan.environment.limits
    check_cloud(places.clouds, session.plan)
    tools = find_toolchain(observer, cache=session.target.cache_home)
    return Engine(
        program=tools.pulumi.path,
        version=tools.pulumi.version,
        backend=places.backend,
        workspaces=places.workspaces,
        calls_at_once=limits.calls_at_once or CALLS_AT_ONCE,
        variables={
            **environment(tools, places.engine_home),
            **_patience(limits),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(places.passphrase),
            "OS_CLIENT_CONFIG_FILE": str(places.clouds),
        },
    )


def _patience(limits: Limits) -> dict[str, str]:
    """Return the variables by which the provider knows how patient to be."""
    said = {
        "GOVSTACK_PATIENCE_SECONDS": limits.patience_seconds,
        "GOVSTACK_SETTLE_SECONDS": limits.settle_seconds,
    }
    return {name: str(seconds) for name, seconds in said.items() if seconds}
