"""Makes and renames stacks in a file backend.

``pulumi stack init`` takes a third of a second of computing, nearly all of it to make a salt.  The
stacks of an environment share its passphrase, so they can share the platform's salt.
"""

import json
import subprocess
from pathlib import Path
from typing import Final

from govstack.engine.checkpoint import checkpoint_path
from govstack.engine.job import Engine, Job
from govstack.engine.salt import put, settings_path
from govstack.errors import EngineFailed
from govstack.site.kinds import Layer
from govstack.site.model import PLATFORM

CHECKPOINT_VERSION: Final = 3
"""The form of checkpoints that the pinned CLI reads and writes."""

StackName = tuple[str, str]
"""The engine's project and the stack's name in it."""


def make_like_platform(job: Job, engine: Engine) -> bool:
    """Make an empty stack with the salt of this engine's platform; return whether there was one."""
    model = _settings(engine, (Layer.INFRASTRUCTURE.value, PLATFORM))
    if not model.is_file():
        return False
    own = (job.project, job.stack_name)
    # Settings first: a checkpoint without them would be given another salt.
    put(_settings(job.engine, own), model.read_text(encoding="utf-8"))
    empty = {
        "version": CHECKPOINT_VERSION,
        "checkpoint": {"stack": f"organization/{job.project}/{job.stack_name}"},
    }
    put(checkpoint_path(job.engine.backend, *own), json.dumps(empty))
    return True


def rename_stack(engine: Engine, old: StackName, new: StackName) -> None:
    """Give a stack another name, or move it to another project, with its settings.

    Done again after it was interrupted, it does what is left.

    Raises:
        EngineFailed: the engine would not.
    """
    if checkpoint_path(engine.backend, *old).exists():
        command = [
            *(str(engine.program), "stack", "rename", _qualified(new)),
            *("--stack", _qualified(old), "--non-interactive"),
        ]
        variables = {**engine.variables, "PULUMI_BACKEND_URL": engine.backend.as_uri()}
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            cwd=_settings(engine, old).parent,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EngineFailed(
                f"the stack {'/'.join(old)} could not become {'/'.join(new)}: "
                f"{done.stderr.strip()}",
                hint="run the same command again",
            )
    left = _settings(engine, old).with_name(f"Pulumi.{new[1]}.yaml")
    if left.exists() and left != _settings(engine, new):
        put(_settings(engine, new), left.read_text(encoding="utf-8"))
        left.unlink()


def _settings(engine: Engine, stack: StackName) -> Path:
    return settings_path(engine, *stack)


def _qualified(stack: StackName) -> str:
    return f"organization/{stack[0]}/{stack[1]}"
