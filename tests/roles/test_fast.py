"""With mitogen roles do what they do without: neither finds anything to change after the other."""

from typing import Any

import pytest

from govstack.configure.fast import fast_settings

pytestmark = pytest.mark.e2e

ROLES = ["base", "time", "firewall", "hardening"]
VARIABLES = {
    "hardening_exclusions": [{"check": "H-21", "reason": "hosts of a lab share a kernel"}],
    "firewall_automation": ["10.99.0.1"],
}


@pytest.mark.parametrize(("name", "turns"), [("slow", (False, True)), ("fast", (True, False))])
def test_what_one_made_the_other_leaves(lab: Any, name: str, turns: tuple[bool, bool]) -> None:
    assert fast_settings(), "mitogen is not installed"
    host = lab.start(f"{name}-001")
    changed: list[list[str]] = []
    for lab.fast in turns:
        play = lab.play(ROLES, VARIABLES, hosts={host.name: {}})
        assert play.exit_code == 0, play.reasons
        changed.append(play.changed)
    assert changed[0]
    assert changed[1] == []
