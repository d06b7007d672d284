"""What a worker process is asked to do, and what it answers; all of it can be pickled."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from govstack.layers.outputs import Outputs
from govstack.layers.program import Inputs
from govstack.site.kinds import Layer
from govstack.values.change import Change


class Verb(StrEnum):
    """What the engine does with a stack; the first two only tell what they would do."""

    PREVIEW = "preview"
    PREVIEW_DESTROY = "preview-destroy"
    UPDATE = "update"
    DESTROY = "destroy"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How the engine is run for one environment.

    Attributes:
        program: the Pulumi CLI.
        version: its version, without the leading ``v``.
        backend: the folder of the environment's state.
        workspaces: the folder that holds a workspace for each stack.
        variables: environment variables of the engine and its providers.
        calls_at_once: how many calls to the cloud may be under way for one stack.
        settings: what a stack's settings say of its secrets, if a key manager protects them.
    """

    program: Path
    version: str
    backend: Path
    workspaces: Path
    variables: Mapping[str, str]
    calls_at_once: int
    settings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One operation on the stack of one system; to destroy it takes no inputs.

    With `awaits`, the engine is started ahead and the inputs come in a message of their own, or
    None if there will be none.  `stack` is the stack's name where it is not the system's id: a
    system that is to be renamed is previewed under the name that it has.  `unprotects` names what
    may go although it is protected (see `protection`), `targets` the servers to refresh.  With
    `refresh`, what the state knows of is looked at in the cloud first.
    """

    verb: Verb
    system: str
    layer: Layer
    engine: Engine
    inputs: Inputs | None = None
    awaits: bool = False
    stack: str = ""
    unprotects: frozenset[str] = frozenset()
    targets: tuple[str, ...] = ()
    refresh: bool = False

    @property
    def project(self) -> str:
        """Return the engine's name of the stack's project: one for each layer."""
        return self.layer.value

    @property
    def stack_name(self) -> str:
        """Return the engine's name of the stack."""
        return self.stack or self.system

    @property
    def workspace(self) -> Path:
        """Return the folder of the stack's workspace files, made by the worker."""
        return self.engine.workspaces / self.project / self.stack_name


@dataclass(frozen=True, slots=True)
class Progress:
    """A resource was planned or done; `done` counts those that changed so far."""

    system: str
    change: Change
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResult:
    """How a job ended; `error` is empty on success.

    Attributes:
        outputs: the stack's outputs, planned ones in a preview; secrets left out.
        resources: how many resources the stack has afterwards, providers not counted.
        unchanged: nothing was run, because nothing had changed since the last run.
        skipped: nothing was run, because something that it needs had failed.
        passing: it failed for reasons that may pass, so that another attempt may succeed.
    """

    system: str
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    outputs: Outputs | None = None
    resources: int = 0
    unchanged: bool = False
    skipped: bool = False
    error: str = ""
    hint: str = ""
    passing: bool = False


Message = Progress | StackResult
