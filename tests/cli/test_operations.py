"""The faked operations of these tests are called as the real ones want to be called."""

import importlib
import inspect
from typing import Any

import pytest

TARGET, OBSERVER, HOME, NAME = object(), object(), object(), "inf-bas"

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "validate.validate": ((TARGET,), {}),
    "plan.plan": ((TARGET,), {"systems": ()}),
    "allocate.allocate": ((TARGET,), {"write": True}),
    "preview.preview": ((TARGET, OBSERVER), {"systems": (), "everything": False}),
    "up.up": (
        (TARGET, OBSERVER),
        {
            "program": (),
            "systems": (),
            "everything": False,
            "cloud_only": False,
            "latitude": None,
            "confirm": None,
            "agree": None,
        },
    ),
    "down.down": ((TARGET, OBSERVER), {"systems": (), "destroy_data": False, "confirm": None}),
    "rebuild.rebuild": ((TARGET, OBSERVER, (NAME,)), {"max_unavailable": 1, "confirm": None}),
    "why.why": ((TARGET, NAME), {}),
    "status.status": ((TARGET,), {}),
    "outputs.outputs": ((TARGET, NAME), {}),
    "doctor.doctor": ((TARGET, OBSERVER), {"cache_home": HOME, "state_home": HOME}),
    "pulumi.run": ((TARGET, OBSERVER, NAME, ()), {}),
    "schema.schema": ((NAME,), {}),
    "certificates.list_certificates": ((TARGET,), {"hosts": (), "check": True}),
    "certificates.show_certificates": ((TARGET, NAME, None), {}),
    "certificates.renew": ((TARGET, OBSERVER), {"hosts": (), "anyway": False}),
    "people.list_people": ((TARGET,), {}),
    "people.show_person": ((TARGET, OBSERVER, NAME), {"anew": True}),
    "sandbox.start": ((TARGET, OBSERVER), {}),
    "sandbox.stop": ((TARGET, OBSERVER), {}),
    "sandbox.reset": ((TARGET, OBSERVER), {}),
    "sandbox.remove": ((TARGET, OBSERVER), {}),
    "sandbox.status": ((TARGET,), {}),
    "faults.show": ((TARGET,), {}),
    "faults.set_to": ((TARGET, ("429",), 1), {}),
    "faults.clear": ((TARGET,), {}),
    "sandbox.logs": ((TARGET, NAME), {"lines": 1, "follow": False}),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_fit_the_real_operation(name: str) -> None:
    module, _, function = name.rpartition(".")
    operation = getattr(importlib.import_module(f"govstack.operations.{module}"), function)
    args, options = CALLS[name]
    inspect.signature(operation).bind(*args, **options)
