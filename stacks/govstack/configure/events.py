"""From Ansible's events to what is told; pure."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from govstack.configure.model import Did, TaskBegan, TaskDone
from govstack.values.secret import MASK

HIDDEN: Final = "its output is hidden, since secrets are in it"
CENSORED: Final = "censored"
MOST_LINES: Final = 200
"""Of a difference: whoever wants more looks at the host."""
SHORTEST: Final = 8
"""Shorter texts are not looked for: they would be found in everything."""

RESULTS: Final = {
    "runner_on_ok": Did.OK,
    "runner_on_failed": Did.FAILED,
    "runner_on_unreachable": Did.UNREACHABLE,
    "runner_on_skipped": Did.SKIPPED,
}


class Redactor:
    """Masks known secrets in texts."""

    def __init__(self, hidden: Iterable[str]) -> None:
        lines = {line.strip() for text in hidden for line in (text, *text.splitlines())}
        known = {line for line in lines if len(line) >= SHORTEST and not line.startswith("-----")}
        self._hidden = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return a text without them."""
        for secret in self._hidden:
            text = text.replace(secret, MASK)
        return text


def translated(event: Mapping[str, Any], redact: Redactor) -> TaskBegan | TaskDone | None:
    """Return what an event tells, None if nothing."""
    kind, data = str(event.get("event", "")), event.get("event_data") or {}
    if kind == "playbook_on_task_start":
        # What is for Ansible itself begins once for each host, and does nothing there.
        own = str(data.get("task_action")).rpartition(".")[2] == "meta"
        return None if own else TaskBegan(_role(data), _task(data))
    did = RESULTS.get(kind)
    if did is None:
        return None
    result = data.get("res") or {}
    if did is Did.OK and result.get("changed"):
        did = Did.CHANGED
    if did is Did.FAILED and data.get("ignore_errors"):
        did = Did.OK
    failed = did in {Did.FAILED, Did.UNREACHABLE}
    return TaskDone(
        host=str(data.get("host", "")),
        role=_role(data),
        task=redact(_task(data)),
        did=did,
        module=str(data.get("resolved_action") or data.get("task_action") or ""),
        told=redact(reason(result)) if failed else "",
        diff=redact(difference(result)) if did is Did.CHANGED else "",
    )


def reason(result: Mapping[str, Any]) -> str:
    """Return why a task failed, from its result."""
    if CENSORED in result:
        return HIDDEN
    items = [one for one in result.get("results") or () if isinstance(one, dict)]
    bad = [one for one in items if one.get("failed") or one.get("unreachable")]
    if bad:
        return reason(bad[0])
    said = [str(result.get(name) or "").strip() for name in ("msg", "stderr", "module_stderr")]
    words = [text for text in dict.fromkeys(said) if text]
    return "\n".join(words) or "it gave no reason"


def difference(result: Mapping[str, Any]) -> str:
    """Return what a task changed as lines, from its result; nothing where that is not known."""
    items = [one for one in result.get("results") or () if isinstance(one, dict)]
    parts = [_lines(one, _path(each)) for each in (result, *items) for one in _differences(each)]
    lines = [line for part in parts for line in part]
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"... {more} more lines"] if more > 0 else [])])


def _differences(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = result.get("diff") or []
    return [one for one in (found if isinstance(found, list) else [found]) if one]


def _path(result: Mapping[str, Any]) -> str:
    """Return the file that a task was about, as the host knows it."""
    return str(result.get("dest") or result.get("path") or "")


def _lines(one: Mapping[str, Any], path: str) -> list[str]:
    if "prepared" in one:
        return str(one["prepared"]).splitlines()
    before, after = (_text(one.get(name)).splitlines() for name in ("before", "after"))
    # What Ansible calls it may be a file of this machine, which is gone by now.
    name = path or str(one.get("before_header") or one.get("after_header") or "")
    found = list(difflib.unified_diff(before, after, lineterm="", n=1))
    return [f"--- {name}", *found[2:]] if found else []


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {value[key]}" for key in sorted(value))
    return "" if value is None else str(value)


def _role(data: Mapping[str, Any]) -> str:
    return str(data.get("role") or "").rsplit(".", 1)[-1]


def _task(data: Mapping[str, Any]) -> str:
    name = str(data.get("task") or data.get("name") or "")
    return name.rpartition(" : ")[2]
