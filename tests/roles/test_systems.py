"""Which system a host runs is found out without Ansible's facts, and what is not known is refused.

The texts stand for systems whose images are not at hand: they show the table, not the systems.
"""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SYSTEMS = {
    "debian": ("Debian GNU/Linux", "debian", "12", "debian"),
    "openeuler": ("openEuler", "openEuler", "22.03", "redhat"),
    "kylin-server": ("Kylin Linux Advanced Server", "kylin", "V10", "redhat"),
    "kylin-desktop": ("Kylin", "kylin", "v10", "debian"),
    "uos-server": ("UnionTech OS Server 20", "uos", "20", "redhat"),
    "anolis": ("Anolis OS", "anolis", "8.8", "redhat"),
    "ubuntu": ("Ubuntu", "ubuntu", "24.04", ""),
}


def test_systems_are_known_by_their_own_word(lab: Any) -> None:
    for name, (title, key, version, _) in SYSTEMS.items():
        text = f'NAME="{title}"\\nVERSION_ID="{version}"\\nID="{key}"\\n'
        lab.start(name).sh(f"rm /etc/os-release; printf '{text}' >/etc/os-release")
    play = lab.play("os")
    found = {
        one["host"]: one["told"]["ansible_facts"]["os_family"]
        for one in play.outcomes
        if one["task"].endswith("Look it up")
    }
    assert found == {name: family for name, (*_, family) in SYSTEMS.items()}
    assert play.named("failed") == ["ubuntu: govstack.base.os : Refuse a system that is not known"]
    assert play.changed == []
    assert "Ubuntu 24.04 (ID=ubuntu) is none of the systems that the roles know" in play.reasons


def test_a_host_without_a_fitting_python_is_refused(lab: Any) -> None:
    host = lab.start("old-001")
    host.sh("printf '#!/bin/sh\\nexit 1\\n' >/usr/bin/python3.11; ls /usr/bin/python3*")
    play = lab.play("base", {}, hosts={"old-001": {}})
    assert play.exit_code == 2
    assert "This host has no Python of version 3.8 or newer" in play.reasons
    assert "apt-get -y install python3 python3-apt" in play.reasons
