"""Which probes are tried, from which host and with which values: what follows for a site."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from govstack.inventory.probes.declared import EXPECTED, Probe, Step
from govstack.inventory.probes.ends import Ends, ends_of
from govstack.inventory.probes.known import Known
from govstack.inventory.probes.language import Unknown, filled, value_of
from govstack.inventory.probes.load import RoleProbes
from govstack.inventory.variables.model import HostRoles
from govstack.inventory.variables.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step with all its values, on the host that takes it.

    Attributes:
        request: what the agent there is told; secrets are in it.
        hint: what to do if it fails.
    """

    host: str
    request: Mapping[str, Any] = field(repr=False)
    hint: str

    @property
    def always(self) -> bool:
        """Tell whether it is taken even if others failed: it puts something back."""
        return bool(self.request["always"])


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
class Wished:
    """Which probes are wished: by full name, all if empty; `disturbing` ones only if so."""

    names: frozenset[str] = frozenset()
    disturbing: bool = False

    def has(self, name: str, probe: Probe) -> bool:
        """Tell whether a probe is wished."""
        return (not self.names or name in self.names) and (self.disturbing or not probe.disturbs)


def trials_of(
    view: View,
    hosts: Sequence[HostRoles],
    probes: Mapping[str, RoleProbes],
    token: str,
    wished: Wished,
) -> Iterator[Trial]:
    """Yield what is tried, host by host.

    Args:
        view: the site.
        hosts: what each configured host is configured with; there is no word of others.
        probes: of each role.
        token: a text that only this verification knows.
        wished: which of the probes.
    """
    making = _Making(view, Known(view, hosts, token), frozenset(host.host for host in hosts))
    for host in hosts:
        for role in (name.rsplit(".", 1)[-1] for name in host.roles):
            for probe in probes[role].probes if role in probes else ():
                if wished.has(f"{role}.{probe.id}", probe):
                    yield from making.tried(host.host, probes[role], probe)


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes trials of a probe for a host."""

    view: View
    known: Known
    configured: Collection[str]

    def tried(self, host: str, role: RoleProbes, probe: Probe) -> Iterator[Trial]:
        """Yield the trials of a probe that proves a role of a host."""
        server = self.view.machines[host]
        itself = Ends(server, server, server.address)
        values = self.known.values(itself, role.defaults)
        try:
            if probe.when and not value_of(probe.when, values):
                return
            port = str(value_of(probe.port, values)) if probe.port else ""
        except Unknown as unknown:
            yield _untried(role, probe, itself, str(unknown))
            return
        for ends in ends_of(self.view, probe.hosts, server, port):
            try:
                yield from self._between(ends, role, probe)
            except Unknown as unknown:
                yield _untried(role, probe, ends, str(unknown))

    def _between(self, ends: Ends, role: RoleProbes, probe: Probe) -> Iterator[Trial]:
        values = self.known.values(ends, role.defaults)
        items = value_of(probe.each, values) if probe.each else [None]
        for item in items:
            chosen = list(self._chosen(probe, {**values, "item": item}, ends))
            if not chosen:
                continue
            steps = []
            for step, name in chosen:
                told = {**self.known.values(ends, role.defaults, name), "item": item}
                hint = filled(step.hint or probe.hint, {**values, "item": item})
                steps.append(_asked(role, step, name, told, str(hint)))
            yield Trial(
                probe=f"{role.role}.{probe.id}",
                title=str(filled(probe.title, {**values, "item": item})),
                host=ends.here.name,
                server=ends.server.name,
                subject=_subject(item),
                disturbs=probe.disturbs,
                steps=tuple(steps),
                hidden=self.known.hidden({name for _, name in chosen}, ends),
            )

    def _chosen(
        self, probe: Probe, values: Mapping[str, Any], ends: Ends
    ) -> Iterator[tuple[Step, str]]:
        """Yield the steps that are taken, each with the host that takes it."""
        for step in probe.steps:
            if not step.when or value_of(step.when, values):
                name = str(value_of(step.at, values)) if step.at else ends.here.name
                if name not in self.configured:
                    raise Unknown(f"{name} is not configured")
                yield step, name


def _asked(role: RoleProbes, step: Step, host: str, values: Mapping[str, Any], hint: str) -> Asked:
    expect = step.expect or EXPECTED[step.kind]
    action = step.action.model_dump()
    # A program is never filled in: what it needs comes as values.
    script = {"script": action.pop("script")} if "script" in action else {}
    if "file" in action:
        script = {"script": role.programs[action.pop("file")]}
    ask = {**filled(action, values), **script, "seconds": step.seconds}
    request = {
        "kind": step.kind,
        "ask": ask,
        "expect": filled(expect, values),
        "within": step.within,
        "always": step.always,
    }
    return Asked(host=host, request=request, hint=hint)


def _untried(role: RoleProbes, probe: Probe, ends: Ends, why: str) -> Trial:
    return Trial(
        probe=f"{role.role}.{probe.id}",
        title=probe.title,
        host=ends.here.name,
        server=ends.server.name,
        disturbs=probe.disturbs,
        problem=why,
    )


def _subject(item: object) -> str:
    if isinstance(item, Mapping):
        return next((str(item[key]) for key in ("name", "id", "path") if key in item), "")
    return "" if item is None else str(item)
