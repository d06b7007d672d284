"""Which probes are tried, from which host and with which values: what follows for a site."""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from govstack.inventory.probes.declared import EXPECTED, From, Probe, Step
from govstack.inventory.probes.language import Unknown, filled, value_of
from govstack.inventory.probes.load import RoleProbes
from govstack.inventory.variables.model import HostRoles, Machine, revealed
from govstack.inventory.variables.view import View, tcp, udp
from govstack.plan.model import CredentialPlan
from govstack.site.kinds import Port
from govstack.site.naming import short_id
from govstack.site.systems import Service
from govstack.values.secret import Secret

SCRIPTS: Final = frozenset({"shell", "python"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step with all its values, on the host that takes it.

    Attributes:
        request: what the agent there is told; secrets are in it.
        always: whether it is taken even if others failed.
    """

    host: str
    request: Mapping[str, Any] = field(repr=False)
    always: bool
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A probe as it is tried once.

    Attributes:
        probe: its full name.
        host: from where.
        server: the host whose role is proven.
        subject: what it is tried with, where it is tried with several things.
        disturbs: whether something that serves is changed meanwhile.
        problem: why it cannot be tried at all.
        hidden: texts that must not be told.
    """

    probe: str
    title: str
    host: str
    server: str
    subject: str = ""
    disturbs: bool = False
    steps: tuple[Asked, ...] = ()
    problem: str = ""
    hidden: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Login:
    """A password that a system has for a service."""

    credential: CredentialPlan
    service: Service


@dataclass(frozen=True, slots=True)
class _Ends:
    """The host with the role, and the one that a probe is made from."""

    server: Machine
    here: Machine
    login: _Login | None = None


class Trials:
    """All that is to be tried in an environment.

    Args:
        view: the site.
        hosts: what each host is configured with.
        probes: of each role.
        token: a text that only this verification knows.
    """

    def __init__(
        self,
        view: View,
        hosts: Iterable[HostRoles],
        probes: Mapping[str, RoleProbes],
        token: str,
    ) -> None:
        self._view = view
        self._hosts = {host.host: host for host in hosts}
        self._probes = probes
        self._token = token
        self._seen: dict[str, Mapping[str, Any]] = {}
        self._all = {
            name: {
                "name": name,
                "address": each.address,
                "system": each.system.id,
                "roles": self._roles(each),
            }
            for name, each in view.machines.items()
        }

    def made(self, names: Collection[str] = (), *, disturbs: bool = False) -> Iterator[Trial]:
        """Yield what is tried, host by host in the order of the plan.

        Args:
            names: full names of probes; all if empty.
            disturbs: whether also those that disturb what serves.
        """
        for host in self._hosts.values():
            for role in self._roles(self._view.machines[host.host]):
                found = self._probes.get(role)
                for probe in found.probes if found else ():
                    full = f"{role}.{probe.id}"
                    if (not names or full in names) and (disturbs or not probe.disturbs):
                        yield from self._tried(full, role, probe, self._view.machines[host.host])

    def _tried(self, full: str, role: str, probe: Probe, server: Machine) -> Iterator[Trial]:
        try:
            values = self._values(role, _Ends(server, server))
            if probe.when and not value_of(probe.when, values):
                return
            for ends in self._ends(probe, server, values):
                yield from self._trials(full, role, probe, ends)
        except Unknown as unknown:
            yield Trial(
                probe=full,
                title=probe.title,
                host=server.name,
                server=server.name,
                problem=str(unknown),
            )

    def _trials(self, full: str, role: str, probe: Probe, ends: _Ends) -> Iterator[Trial]:
        values = self._values(role, ends)
        items = value_of(probe.each, values) if probe.each else [None]
        for number, item in enumerate(items):
            known = {**values, "item": item, "number": number}
            hosts = dict(self._chosen(probe, known, ends))
            yield Trial(
                probe=full,
                title=str(filled(probe.title, known)),
                host=ends.here.name,
                server=ends.server.name,
                subject=_subject(item),
                disturbs=probe.disturbs,
                steps=tuple(self._asked(probe, each, name, known) for each, name in hosts.items()),
                hidden=self._hidden({ends.server.name, ends.here.name, *hosts.values()}),
            )

    def _chosen(self, probe: Probe, values: Mapping[str, Any], ends: _Ends) -> Iterator[Any]:
        """Yield the steps that are taken, each with the host that takes it."""
        for number, step in enumerate(probe.steps):
            if not step.when or value_of(step.when, values):
                name = str(value_of(step.at, values)) if step.at else ends.here.name
                if name not in self._view.machines:
                    raise Unknown(f"{step.at}: there is no host {name!r}")
                yield _Numbered(number, step), name

    def _asked(
        self, probe: Probe, numbered: "_Numbered", name: str, values: Mapping[str, Any]
    ) -> Asked:
        step = numbered.step
        expect = {**({} if step.expect else EXPECTED[step.kind]), **filled(step.expect, values)}
        action = step.action.model_dump()
        script = action.pop("script", None)
        ask = {**filled(action, values), "seconds": step.seconds}
        if script is not None:
            ask["script"] = script
        return Asked(
            host=name,
            request={"kind": step.kind, "ask": ask, "expect": expect, "within": step.within},
            always=step.always,
            hint=str(filled(step.hint or probe.hint, values)),
        )

    def _ends(self, probe: Probe, server: Machine, values: Mapping[str, Any]) -> Iterator[_Ends]:
        if probe.hosts is From.SELF:
            yield _Ends(server, server)
        elif probe.hosts is From.PEER:
            for each in self._view.of(server.system.id, server.node.role):
                if each != server:
                    yield _Ends(server, each)
        elif probe.hosts is From.USER:
            yield from self._users(server)
        else:
            port = _port(str(value_of(probe.port, values)))
            found = list(self._clients(server, port))
            for each in found if probe.hosts is From.CLIENTS else found[:1]:
                yield _Ends(server, each)

    def _clients(self, server: Machine, port: Port) -> Iterator[Machine]:
        """Yield one host of each system that a flow leads to a port of the host."""
        seen: set[str] = set()
        for each in self._view.machines.values():
            other = each.name != server.name and each.way is not None
            if other and each.system.id not in seen and self._view.reached(each, server, port):
                seen.add(each.system.id)
                yield each

    def _users(self, server: Machine) -> Iterator[_Ends]:
        """Yield one host of each system that has a password for a service of the host."""
        offers = {
            f"{system.id}.{offer.name}": offer
            for system in self._view.site.systems
            for offer in system.offers
            if (system.id, offer.role) == (server.system.id, server.node.role)
        }
        for system in self._view.plan.systems:
            for credential in system.credentials:
                offer = offers.get(credential.service)
                near = (
                    each
                    for each in self._view.machines.values()
                    if offer
                    and each.system.id == system.id
                    and each.way is not None
                    and self._view.reached(each, server, offer.port)
                )
                for each in list(near)[:1]:
                    assert offer is not None
                    yield _Ends(server, each, _Login(credential, offer))

    def _values(self, role: str, ends: _Ends) -> dict[str, Any]:
        """Return all that templates of a probe may name; secrets are in clear."""
        known = self._probes[role]
        reached = self._reached(ends)
        return {
            **copy.deepcopy(dict(known.defaults)),
            **self._variables(ends.server.name),
            "server": {**self._all[ends.server.name], "address": reached},
            "here": self._all[ends.here.name],
            "mine": self._variables(ends.here.name),
            "login": self._login(ends.login),
            "hosts": self._all,
            "of": {name: self._variables(name) for name in self._hosts},
            "domain": self._view.site.dns_domain,
            "automation": self._view.material.user,
            "authority": self._view.material.authority,
            "token": self._token,
        }

    def _reached(self, ends: _Ends) -> str:
        """Return the address by which the host with the role is reached from the other."""
        if ends.here.name == ends.server.name:
            return ends.server.address
        port = ends.login.service.port if ends.login else None
        seen = self._view.reached(ends.here, ends.server, port) if port else ()
        return seen[0] if seen else ends.server.address

    def _login(self, login: _Login | None) -> dict[str, Any]:
        if login is None:
            return {}
        return {
            "account": login.credential.account,
            "password": self._view.material.password(login.credential.key).reveal(),
            "service": login.service.name,
            "port": login.service.port.first,
        }

    def _variables(self, host: str) -> Mapping[str, Any]:
        """Return the variables of a host with secrets in clear; none if it has no roles."""
        if host not in self._seen:
            found: Any = revealed(self._hosts[host].variables) if host in self._hosts else {}
            self._seen[host] = found
        return self._seen[host]

    def _hidden(self, hosts: Collection[str]) -> tuple[str, ...]:
        found = [self._hosts[name].variables for name in hosts if name in self._hosts]
        return tuple(sorted(set(_secrets(found)), key=len, reverse=True))

    def _roles(self, machine: Machine) -> list[str]:
        found = self._hosts.get(machine.name)
        return [role.rsplit(".", 1)[-1] for role in found.roles] if found else []


@dataclass(frozen=True, slots=True, eq=False)
class _Numbered:
    """A step with its place: two that are alike are not the same."""

    number: int
    step: Step


def _subject(item: object) -> str:
    if isinstance(item, Mapping):
        return next((str(item[key]) for key in ("name", "id", "path") if key in item), "")
    return "" if item is None else str(item)


def _port(text: str) -> Port:
    """Return a port: a number of TCP, or written as `udp/53`."""
    protocol, _, number = text.rpartition("/")
    return udp(int(number)) if protocol == "udp" else tcp(int(number))


def _secrets(value: object) -> Iterator[str]:
    """Yield all secrets that stand in a value, and the lines of those that have several."""
    if isinstance(value, Secret):
        yield value.reveal()
        lines = value.reveal().splitlines()
        yield from (line for line in lines if len(lines) > 1 and not line.startswith("-----"))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _secrets(each)
