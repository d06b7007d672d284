"""Ssh: log in to a node of the embedded cloud, by way of the bastion as on any cloud."""

import shlex
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from govstack import sandbox
from govstack.errors import TrustFailed, UnknownSelection
from govstack.inventory.tables import family_table
from govstack.operations.holding import reading
from govstack.operations.introduce import Meeting, identities, introduce, path_to
from govstack.operations.run import nodes_of
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.trusting import moment
from govstack.plan.login import Way, ways_in
from govstack.state.authority import authority_line, open_authority
from govstack.state.files import write_private
from govstack.state.introductions import read_introductions, write_introductions
from govstack.state.login import CERTIFICATE, CONFIGURATION, KNOWN_HOSTS, certify_login, key_of
from govstack.state.records import read_records
from govstack.trust.terms import TERMS
from govstack.trust.wanted import addresses_of
from govstack.values.suggestion import suggestion

USER = "debian"
"""Whom hosts of the embedded cloud let in, but for those of other bases."""
FIRST: Final = ".first"
"""How the names of those files end that are for the first contact alone."""


@dataclass(frozen=True, slots=True)
class Access:
    """What ssh is told.

    Attributes:
        folder: where key, certificate, known hosts and configuration lie.
        ways: how each node is come to.
        outside: the addresses outside of those that have one.
        proxy: the command that connects from outside.
        users: whom those let in that let in somebody else.
        known: the file of hosts that are believed.
    """

    folder: Path
    ways: Mapping[str, Way]
    outside: Mapping[str, str]
    proxy: str
    known: str = KNOWN_HOSTS
    users: Mapping[str, str] = field(default_factory=dict)


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
        TrustFailed: a host on the way does not show who it is.
    """
    session = enterable_session(target)
    with reading(session):
        _check(session, host)
        configuration, unknown = prepare(session, program, path_to(host, _ways(session)))
        for name, why in unknown.items():
            raise TrustFailed(
                f"{name} could not be given its certificate: {why}",
                hint="one that has just been started needs a moment; else look at its console: "
                "openstack console log show",
            )
        greeted = () if command else ("-o", "LogLevel=INFO")
        line = ["ssh", "-F", str(configuration), *greeted, host, *command]
        return subprocess.run(line, check=False).returncode  # noqa: S603 - the user's own command


def write_configuration(session: Session, program: tuple[str, ...]) -> Path:
    """Write what ssh needs to know of this environment; return its configuration's file.

    All hosts that one can come to, and that answer, are given certificates where they need them.

    Raises:
        SandboxFailed: the embedded cloud does not run, or has no hosts.
        StateUnreadable: the keys of the site's authority are missing or do not open.
    """
    return prepare(session, program, _ways(session))[0]


def prepare(
    session: Session, program: tuple[str, ...], hosts: Collection[str]
) -> tuple[Path, dict[str, str]]:
    """Write ssh's configuration; see that these hosts have certificates of the site.

    Args:
        session: the environment, whose state is at hand.
        program: govstack's own command line, up to its verb; ssh connects with it.
        hosts: names of nodes, with those by which one comes to them.

    Returns:
        The configuration's file, and of hosts that will not be known why that is so.

    Raises:
        SandboxFailed: the embedded cloud does not run, or has no hosts.
        StateUnreadable: the keys of the site's authority are missing or do not open.
    """
    places, now = session.places, moment()
    folder = key_of(places).parent
    access = Access(
        folder=folder,
        ways=_ways(session),
        outside=_outside(session),
        proxy=f"{shlex.join((*program, 'sandbox', 'connect'))} %h %p",
        users=users_of(session),
    )
    purpose = f"{session.plan.site}/{session.plan.environment.name}"
    certify_login(places, purpose, _sources(session, access.ways), now, TERMS)
    write_private(folder / KNOWN_HOSTS, f"@cert-authority * {authority_line(places)}\n")
    text = configuration_text(access, key_of(places).name)
    write_private(folder / CONFIGURATION, text)
    return folder / CONFIGURATION, _introduce(session, access, hosts, now)


def users_of(session: Session) -> dict[str, str]:
    """Return whom hosts of the embedded cloud let in, where that is not `USER`."""
    names = family_table()
    apart = {
        image.id: names.user_of(image.os_distro.lower())
        for image in session.site.images
        if image.os_distro.lower() in sandbox.RECIPES
    }
    return {
        node.name: apart[node.image]
        for system in session.plan.systems
        for node in system.nodes
        if node.image in apart
    }


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
            if name in access.users:
                lines.append(f"    User {access.users[name]}")
    lines += [
        *("", "Host *", f"    User {USER}"),
        f'    IdentityFile "{access.folder / key}"',
        "    IdentitiesOnly yes",
        f'    CertificateFile "{access.folder / CERTIFICATE}"',
        f'    UserKnownHostsFile "{access.folder / access.known}"',
        *(
            "    GlobalKnownHostsFile none",
            "    StrictHostKeyChecking yes",
            "    UpdateHostKeys no",
            # Hosts greet with a banner; what a command says when it fails would drown in those.
            "    LogLevel ERROR",
        ),
    ]
    return "\n".join(lines) + "\n"


def _introduce(
    session: Session, access: Access, hosts: Collection[str], now: datetime
) -> dict[str, str]:
    """Give these hosts certificates where they need them; return why some have none."""
    places = session.places
    keys, line = sandbox.host_keys(places.sandbox), authority_line(places)
    wanted = identities(session.plan, keys, access.outside, line)
    known = read_introductions(places)
    new = {
        host: each
        for host, each in wanted.items()
        if host in hosts and not (host in known and known[host].stands(each, now))
    }
    failed = {host: "the cloud has no such server yet" for host in hosts if host not in wanted}
    if not new:
        return failed
    first = replace(access, known=f"{KNOWN_HOSTS}{FIRST}")
    told = "".join(f"{host} {each.key}\n" for host, each in sorted(wanted.items()))
    write_private(access.folder / first.known, told)
    configuration = access.folder / f"{CONFIGURATION}{FIRST}"
    write_private(configuration, configuration_text(first, key_of(places).name))
    meeting = Meeting(
        configuration=configuration,
        ways=access.ways,
        authority=open_authority(places),
        now=now,
        terms=TERMS,
    )
    done, refused = introduce(meeting, new)
    write_introductions(places, {host: one for host, one in known.items() if host in wanted} | done)
    return failed | refused


def _sources(session: Session, ways: Mapping[str, Way]) -> tuple[str, ...]:
    """Return where logins come from: the operator, and the hosts by which one goes on."""
    passed = {way.via for way in ways.values() if way.via}
    return (
        sandbox.OPERATOR,
        *(
            str(address)
            for system in session.plan.systems
            for node in system.nodes
            if node.name in passed
            for address in addresses_of(node)
        ),
    )


def enterable_session(target: Target) -> Session:
    """Load and plan the site of an environment whose hosts can be logged in to.

    Raises:
        UnknownSelection: govstack does not know the keys of its hosts.
    """
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
