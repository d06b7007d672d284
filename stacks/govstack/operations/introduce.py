"""Introduce: gives hosts that are new a certificate of the site, at the first contact with each.

The cloud has told their keys before, so that even this contact is with the right host.  From then
on a host is known by its certificate, and by nothing else.
"""

import secrets
import shlex
import subprocess
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from govstack.plan.login import Way
from govstack.plan.model import NodePlan, Plan
from govstack.state.authority import Authority
from govstack.state.introductions import Identity, Introduction
from govstack.trust.ssh import Grant, sign_host
from govstack.trust.terms import Terms, span
from govstack.trust.wanted import addresses_of
from govstack.verify.remote import last_words, run_there

AT_ONCE: Final = 6
"""Contacts at the same time; a bastion turns new ones away from ten on."""
SERIAL_BITS: Final = 63
INSTALL: Final = """\
set -e
umask 022
certificate=/etc/ssh/govstack_host-cert.pub
cat >$certificate.new
mv $certificate.new $certificate
setting="HostCertificate $certificate"
if ! grep -qsxF "$setting" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; then
    if grep -qs '^Include /etc/ssh/sshd_config.d/' /etc/ssh/sshd_config; then
        echo "$setting" >/etc/ssh/sshd_config.d/06-govstack-host.conf
    else
        { echo "$setting"; cat /etc/ssh/sshd_config; } >/etc/ssh/sshd_config.new
        chmod 600 /etc/ssh/sshd_config.new
        mv /etc/ssh/sshd_config.new /etc/ssh/sshd_config
    fi
fi
$(command -v sshd || echo /usr/sbin/sshd) -t
# A restart is over when it listens again, a reload is not; sessions stay either way.
for unit in ssh sshd; do
    if systemctl --quiet is-active $unit; then systemctl restart $unit; break; fi
done
"""
"""Run by root on the host, with the certificate as its input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What is needed to meet hosts for the first time.

    Attributes:
        configuration: of ssh, which knows the hosts by the keys that the cloud has told.
        ways: how each host is come to.
        authority: who signs their certificates.
        now: with a time zone.
        terms: for how long they are good.
    """

    configuration: Path
    ways: Mapping[str, Way]
    authority: Authority
    now: datetime
    terms: Terms


def identities(
    plan: Plan, keys: Mapping[str, str], outside: Mapping[str, str], authority: str
) -> dict[str, Identity]:
    """Return what the certificate of each host is to be about.

    Args:
        plan: the environment's plan.
        keys: the public key of each host that there is, as the cloud tells it.
        outside: the addresses outside of those that have one.
        authority: the public key of who is to sign.
    """
    return {
        node.name: Identity(
            key=_without_comment(keys[node.name]),
            principals=_principals(node, outside),
            authority=authority,
        )
        for system in plan.systems
        for node in system.nodes
        if node.name in keys
    }


def introduce(
    meeting: Meeting, wanted: Mapping[str, Identity]
) -> tuple[dict[str, Introduction], dict[str, str]]:
    """Give hosts their certificates; return which have one now, and why others have none.

    Hosts by which one comes to others are met before them.
    """
    done: dict[str, Introduction] = {}
    failed: dict[str, str] = {}
    for hosts in _by_distance(wanted, meeting.ways):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            met = pool.map(lambda host: _meet(meeting, host, wanted[host]), hosts)
            for host, (introduction, why) in zip(hosts, met, strict=True):
                if why:
                    failed[host] = why
                else:
                    done[host] = introduction
    return done, failed


def _meet(meeting: Meeting, host: str, wanted: Identity) -> tuple[Introduction, str]:
    good = span(meeting.now, meeting.terms.host, skew=meeting.terms.skew)
    made = Introduction(identity=wanted, serial=secrets.randbits(SERIAL_BITS), good=good)
    grant = Grant(
        identity=f"host {host}", principals=wanted.principals, good=good, serial=made.serial
    )
    certificate = sign_host(wanted.key, grant, meeting.authority.ssh.reveal())
    command = f"sudo sh -c {shlex.quote(INSTALL)}"
    try:
        ran = run_there(meeting.configuration, host, command, f"{certificate}\n")
    except subprocess.TimeoutExpired as error:
        return made, f"it did not answer within {error.timeout:.0f} s"
    if ran.returncode == 0:
        return made, ""
    return made, last_words(ran) or f"it ended with code {ran.returncode}"


def _by_distance(hosts: Collection[str], ways: Mapping[str, Way]) -> list[list[str]]:
    rows: dict[int, list[str]] = {}
    for host in sorted(hosts):
        rows.setdefault(len(path_to(host, ways)), []).append(host)
    return [rows[distance] for distance in sorted(rows)]


def path_to(host: str, ways: Mapping[str, Way]) -> list[str]:
    """Return by which hosts one comes to a host, itself last."""
    path = [host]
    while via := ways[path[0]].via:
        path.insert(0, via)
    return path


def _principals(node: NodePlan, outside: Mapping[str, str]) -> tuple[str, ...]:
    own = (node.name, *(str(address) for address in addresses_of(node)))
    return (*own, outside[node.name]) if node.name in outside else own


def _without_comment(key: str) -> str:
    return " ".join(key.split()[:2])
