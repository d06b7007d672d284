"""Pulumi: runs the real CLI on one system's stack, in its workspace, with its credentials."""

import os
import subprocess

from govstack.engine.checkpoint import known_stacks
from govstack.engine.remnants import break_dead_locks, end_remnants
from govstack.engine.toolchain import environment, find_toolchain
from govstack.errors import UnknownSelection
from govstack.operations.engines import secret_variables
from govstack.operations.holding import holding, reading
from govstack.operations.run import begin, open_cloud
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.values.observer import Observer


def run(target: Target, observer: Observer, stack: str, args: tuple[str, ...]) -> int:
    """Run the CLI with these arguments on the stack ``LAYER/SYSTEM``; return its exit code.

    It speaks to the terminal itself.  The environment is locked meanwhile, since many of its
    commands change the state.

    Raises:
        UnknownSelection: there is no such stack yet.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    places = session.places
    with reading(session, observer):
        stacks = [f"{project}/{name}" for project, name in known_stacks(places.backend)]
    if stack not in stacks:
        raise UnknownSelection(
            f"there is no stack {stack!r}",
            hint=f"there are: {', '.join(stacks)}" if stacks else "run govstack up first",
        )
    with holding(session, observer, f"pulumi {stack}"):
        open_cloud(begin(session, observer))
        end_remnants(places.backend)
        break_dead_locks(places.backend)
        tools = find_toolchain(observer, cache=target.cache_home)
        inherited = {name: value for name, value in os.environ.items() if name[:3] != "OS_"}
        variables = {
            **inherited,
            **environment(tools, places.engine_home),
            "PULUMI_BACKEND_URL": places.backend.as_uri(),
            **secret_variables(places),
            "OS_CLIENT_CONFIG_FILE": str(places.clouds),
        }
        command = [str(tools.pulumi.path), *args, "--stack", stack.split("/")[1]]
        return subprocess.run(  # noqa: S603 - the user's own command
            command, cwd=places.workspaces / stack, env=variables, check=False
        ).returncode
