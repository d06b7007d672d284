"""Writes what each task of a play did as one JSON document a line, for tests to read."""

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: outcomes
type: aggregate
short_description: one JSON document for each task and host
description: Writes to the file that the variable OUTCOMES names.
"""


class CallbackModule(CallbackBase):
    """One line for each result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "outcomes"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: FBT001, FBT002 - the hook's form
        self._write(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write(result, "unreachable")

    def _write(self, result: Any, outcome: str) -> None:
        document = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "outcome": outcome,
            "at": time.time(),
            "told": result._result,
        }
        with Path(os.environ["OUTCOMES"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(document, default=str) + "\n")
