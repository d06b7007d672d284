"""The engine's events, reduced: changes, outputs, errors; never a resource's properties."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pulumi.automation import EngineEvent
from pulumi.automation.events import OpType, StepEventMetadata

from govstack.layers.outputs import Outputs
from govstack.plan.risk import risk_of
from govstack.values.change import Action, Change, Kind

STEPS = {
    OpType.SAME: Action.SAME,
    OpType.CREATE: Action.CREATE,
    OpType.IMPORT: Action.CREATE,
    OpType.UPDATE: Action.UPDATE,
    OpType.DELETE: Action.DELETE,
    OpType.READ: Action.READ,
}
"""How the engine's steps read as actions; the halves of a replacement are not listed, nor is a
look at what there is, which changes nothing."""

ACTIONS = STEPS | {OpType.REPLACE: Action.REPLACE}
DONE = STEPS | {OpType.CREATE_REPLACEMENT: Action.REPLACE}
"""The same when foreseen and when done: a replacement is done when its new half is there."""

ROOT = "pulumi:pulumi:Stack"
SECRET = "[secret]"  # noqa: S105 - how the engine writes what it does not show
ANSWER = re.compile(
    r"Expected HTTP response code \[[\d ]+\] when accessing \[(?P<request>[^\]]+)\], "
    r"but got (?P<code>\d+) instead(?: \((?P<trace>[^)]*)\))?: (?P<body>.*)$"
)
"""How the provider tells of an answer that it did not expect."""

SILENCE = re.compile(r'[A-Z][a-z]+ "[^"]*": OpenStack connection error, .*?Last error was: ')
"""What the provider says of a call without an answer, before it says what happened."""

NO_LAST_ERROR = ". last error: %!s(<nil>)"

UNWRITTEN = "failed to save snapshot"
"""How the engine tells that it could not keep the state, as on a full disk."""

MARKUP = re.compile(r"<\{%[^%]*%\}>")


@dataclass(slots=True)
class Journal:
    """Collects what the events of one operation say.

    Attributes:
        cannot_write: whether the engine could not keep the state; it then goes on trying, half a
            minute for each thing that is under way.
    """

    layer: str
    system: str
    preview: bool
    changes: list[Change] = field(default_factory=list)
    outputs: Outputs | None = None
    resources: int = 0
    errors: list[str] = field(default_factory=list)
    cannot_write: bool = False

    def observe(self, event: EngineEvent) -> Change | None:
        """Take note of an event; return the change that it tells of, if it does."""
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._error(event.diagnostic_event.message, event.diagnostic_event.urn or "")
        if event.res_outputs_event:
            return self._outputs(event.res_outputs_event.metadata)
        if event.resource_pre_event and self.preview:
            return self._step(event.resource_pre_event.metadata, ACTIONS)
        return None

    def _outputs(self, step: StepEventMetadata) -> Change | None:
        if step.type == ROOT:
            self.outputs = _without_secrets(step.new.outputs or {}) if step.new else {}
            return None
        return None if self.preview else self._step(step, DONE)

    def _step(self, step: StepEventMetadata, actions: dict[OpType, Action]) -> Change | None:
        action = actions.get(OpType(step.op))
        if action is None or not _is_resource(step):
            return None
        if action is not Action.DELETE:
            self.resources += 1
        change = Change(
            kind=Kind.RESOURCE,
            action=action,
            layer=self.layer,
            system=self.system,
            type=step.type,
            name=step.urn.rsplit("::", 1)[-1],
            cause=_cause(step) if action in {Action.UPDATE, Action.REPLACE} else (),
            risk=risk_of(step.type, action),
        )
        if change.is_effective:
            self.changes.append(change)
            return change
        return None

    def _error(self, message: str, urn: str) -> None:
        text = _readable(message)
        self.cannot_write |= UNWRITTEN in text
        if text and text not in {"update failed", "preview failed"}:
            name = urn.rsplit("::", 1)[-1] if "::" in urn else ""
            self.errors.append(f"{name}: {text}" if name else text)


def _is_resource(step: StepEventMetadata) -> bool:
    """Tell a cloud resource from a component, a provider or the stack itself."""
    return not step.type.startswith(("pulumi:", "govstack:"))


def _cause(step: StepEventMetadata) -> tuple[str, ...]:
    """Return the properties that make the difference, those that force a replacement first."""
    differing: Iterable[str] = step.diffs or (step.detailed_diff or {}).keys()
    forcing = sorted(set(step.keys or []))
    return (*forcing, *sorted({re.split(r"[.\[]", name)[0] for name in differing} - set(forcing)))


def _without_secrets(outputs: Outputs) -> Outputs:
    return {name: value for name, value in outputs.items() if value != SECRET}


def _readable(message: str) -> str:
    """Reduce a message to what happened: no colour marks, call sites or copies of the answer."""
    text = MARKUP.sub("", message).strip()
    text = re.sub(r"^(error: )?\d+ errors? occurred:\s*\*\s*", "", text)
    text = re.sub(r"\s*\n\s*", " ", text).strip()
    # The engine repeats what the provider said, with the resource's whole name before it.
    text = re.sub(r"^[a-z]+ing urn:\S+: (\d+ errors? occurred: \* )?", "", text)
    text = re.sub(r"^\S+\.go:\d+: \S+: ", "", text)
    text = re.sub(r": provider=openstack@\S+$", "", text)
    text = SILENCE.sub("", text).replace(NO_LAST_ERROR, "")
    return ANSWER.sub(_answered, text)


def _answered(match: re.Match[str]) -> str:
    """Say what a cloud answered in its own words, which stand in the body of its answer."""
    try:
        answer = json.loads(match["body"])
        (body,) = answer.values() if len(answer) == 1 else (answer,)
        said = str(body.get("message") or body["description"])
    except (ValueError, KeyError, TypeError, AttributeError):
        said = match["body"]
    trace = f"; {match['trace']}" if match["trace"] else ""
    return f"{said} ({match['code']} to {match['request']}{trace})"
