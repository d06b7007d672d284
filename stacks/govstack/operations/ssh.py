"""Ssh: log in to a node of the embedded cloud, by way of the bastion as on any cloud."""

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from govstack import sandbox
from govstack.errors import UnknownSelection
from govstack.operations.run import nodes_of
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.plan.login import Way, ways_in
from govstack.state.files import write_private
from govstack.state.login import CONFIGURATION, KNOWN_HOSTS, key_of
from govstack.state.records import read_records
from govstack.values.suggestion import suggestion

USER = "debian"
"""Whom the base of the embedded cloud lets in."""


@dataclass(frozen=True, slots=True)
class Access:
    """What ssh is told.

    Attributes:
        folder: where key, known hosts and configuration lie.
        ways: how each node is come to.
        outside: the addresses outside of those that have one.
        proxy: the command that connects from outside.
    """

    folder: Path
    ways: Mapping[str, Way]
    outside: Mapping[str, str]
    proxy: str


def ssh(target: Target, host: str, command: tuple[str, ...], *, program: tuple[str, ...]) -> int:
    """Log in, or run a command there; return the exit code.

    Args:
        target: site and environment.
        host: the node's name.
        command: what is run there, nothing to log in.
        program: govstack's own command line, up to its verb; ssh connects with it.

    Raises:
        UnknownSelection: there is no such node, or no flow lets an operator come to it.
        SandboxFailed: the embedded cloud does not run, or has no hosts.
    """
    session = _session(target)
    configuration = write_configuration(session, program)
    _check(session, host)
    line = ["ssh", "-F", str(configuration), host, *command]
    return subprocess.run(line, check=False).returncode  # noqa: S603 - the user's own command


def write_configuration(session: Session, program: tuple[str, ...]) -> Path:
    """Write what ssh needs to know of this environment; return its configuration's file.

    Raises:
        SandboxFailed: the embedded cloud does not run, or has no hosts.
    """
    folder = key_of(session.places).parent
    keys = sandbox.host_keys(session.places.sandbox)
    known = "".join(f"{name} {key}\n" for name, key in sorted(keys.items()))
    write_private(folder / KNOWN_HOSTS, known)
    access = Access(
        folder=folder,
        ways=_ways(session),
        outside=_outside(session),
        proxy=f"{shlex.join((*program, 'sandbox', 'connect'))} %h %p",
    )
    write_private(folder / CONFIGURATION, configuration_text(access, key_of(session.places).name))
    return folder / CONFIGURATION


def configuration_text(access: Access, key: str) -> str:
    """Return the configuration: first how each node is come to, then what all have in common."""
    lines = ["# Written by `govstack ssh`; plain ssh takes it too: ssh -F THIS_FILE NODE"]
    for name, way in sorted(access.ways.items()):
        if way.via:
            lines += ["", f"Host {name}", f"    HostName {way.address}", f"    ProxyJump {way.via}"]
        elif name in access.outside:
            lines += ["", f"Host {name}", f"    HostName {access.outside[name]}"]
            lines.append(f"    ProxyCommand {access.proxy}")
        if lines[-1].startswith("    Proxy"):
            # Known by name: in different networks there may be the same addresses.
            lines.append(f"    HostKeyAlias {name}")
    lines += [
        *("", "Host *", f"    User {USER}"),
        f'    IdentityFile "{access.folder / key}"',
        "    IdentitiesOnly yes",
        f'    UserKnownHostsFile "{access.folder / KNOWN_HOSTS}"',
        *(
            "    GlobalKnownHostsFile none",
            "    StrictHostKeyChecking yes",
            "    UpdateHostKeys no",
        ),
    ]
    return "\n".join(lines) + "\n"


def _session(target: Target) -> Session:
    session = open_session(target)
    environment = session.plan.environment
    if not environment.is_embedded:
        raise UnknownSelection(
            f"the environment {environment.name!r} has a cloud of its own, whose hosts' keys "
            "govstack does not know",
            hint="only environments with profile: sandbox can be logged in to by this verb",
        )
    return session


def _check(session: Session, host: str) -> None:
    ways, outside = _ways(session), _outside(session)
    nodes = [node.name for system in session.plan.systems for node in system.nodes]
    if host not in nodes:
        raise UnknownSelection(f"there is no node {host!r}", hint=suggestion(host, nodes))
    if host not in ways:
        raise UnknownSelection(
            f"no flow of the site lets operators come to {host}",
            hint="add one to tcp/22, from the bastion; govstack plan flows shows those there are",
        )
    first = host
    while ways[first].via:
        first = ways[first].via
    if first not in outside:
        raise UnknownSelection(
            f"{first}, by which operators come in, is not up", hint="run govstack up first"
        )


def _ways(session: Session) -> Mapping[str, Way]:
    return ways_in(session.site, session.plan, IPv4Address(sandbox.OPERATOR))


def _outside(session: Session) -> Mapping[str, str]:
    """Return the floating addresses that were recorded, by node."""
    records = read_records(session.places)
    return {
        node.name: node.floating_ip
        for system in session.plan.systems
        if system.id in records
        for node in nodes_of(system, records[system.id].outputs)
        if node.floating_ip
    }
