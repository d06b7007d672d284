"""Text of the verbs that read the site's files: validate, plan, allocate."""

from collections.abc import Iterator

from rich.text import Text

from govstack.operations.report import (
    AllocationReport,
    PlannedContainer,
    PlannedSystem,
    PlanReport,
    ValidationReport,
)
from govstack_cli.failure import relative
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.layers import by_layer, layer_line
from govstack_cli.render.look import CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import plural, title_line

PROVISIONAL = "?"
"""Marks an address that may still change."""


def validation_lines(report: ValidationReport, look: Look) -> list[Text]:
    """Return that the site is valid, and what it holds."""
    title = title_line(report.name, report.site, report.environment, look)
    counts = (
        plural(report.zones, "zone"),
        plural(report.tenants, "tenant"),
        plural(report.systems, "system"),
        plural(report.nodes, "node"),
        plural(report.flows, "flow"),
    )
    mark = Text.assemble((look.glyphs.done, GOOD), " ")
    return [mark.append_text(title).append(" is valid"), Text("  " + ", ".join(counts))]


def plan_lines(report: PlanReport, look: Look) -> list[Text]:
    """Return the plan, layer by layer; rules and quota only in detail."""
    nodes = sum(len(system.nodes) for system in report.systems)
    size = f"{plural(len(report.systems), 'system')}, {plural(nodes, 'node')}"
    lines = [title_line(report.name, report.site, report.environment, look, size)]
    for layer, systems in by_layer(report.systems):
        lines += [Text(), layer_line(layer, look)]
        for system in systems:
            lines += _system_lines(system, look)
    if any(_is_provisional(system) for system in report.systems):
        text = f"{PROVISIONAL} provisional: govstack{look.again} allocate keeps it for good"
        lines += [Text(), Text(text, style=CAREFUL)]
    return lines


def allocation_lines(report: AllocationReport, look: Look) -> list[Text]:
    """Return the rows that were, or would be, added to the address book."""
    path = relative(report.path)
    if not report.added:
        text = f" nothing to add: {path} holds all {plural(report.kept, 'address', 'addresses')}"
        return [Text.assemble((look.glyphs.done, GOOD), text)]
    plus = (f"{look.glyphs.create} ", GOOD)
    rows = [(Text.assemble(plus, row.place), row.holder) for row in report.added]
    number = plural(len(report.added), "row")
    did = f"{number} added to" if report.written else f"{number} would be added to"
    next_step = "; commit that file" if report.written else ""
    return [*aligned(rows), Text(f"{did} {path}, {report.kept:,} kept{next_step}")]


def _system_lines(system: PlannedSystem, look: Look) -> Iterator[Text]:
    facts = [f"tenant {system.tenant}", f"MLPS {system.mlps}", f"project {system.project}"]
    if system.upstream:
        facts.append(f"after {', '.join(system.upstream)}")
    head = Text.assemble("  ", (system.id, HEADING), f"  {system.name}  ")
    yield head.append(look.glyphs.dot.join(facts), style=QUIET)
    yield from aligned(_place_rows(system), indent=4)
    if look.verbose:
        yield from _detail_lines(system)


def _place_rows(system: PlannedSystem) -> list[Row]:
    rows: list[Row] = [
        (net.zone, _address(net.cidr, provisional=net.provisional), "network", "", "")
        for net in system.networks
    ]
    rows += [
        (
            node.zone,
            _address(node.address, provisional=node.provisional),
            node.name,
            node.machine or node.flavor,
            node.image,
        )
        for node in system.nodes
    ]
    rows += [
        (service.port, "service", service.domain or service.name, "", "")
        for service in system.services
    ]
    rows += [("cloud", "container", *_container(item)) for item in system.containers]
    return rows


def _container(item: PlannedContainer) -> tuple[str, str, str]:
    """Return the name of a container, the most that it holds, and whether it keeps versions."""
    most = f"{item.quota_gb:,} GB" if item.quota_gb else "no limit"
    return item.name, most, "versions" if item.versioning else ""


def _detail_lines(system: PlannedSystem) -> Iterator[Text]:
    rows = [(rule.role, rule.port, f"from {rule.remote}", rule.purpose) for rule in system.rules]
    yield from aligned(rows, indent=4)
    if system.credentials:
        yield Text(f"    passwords for: {', '.join(system.credentials)}", style=QUIET)
    needs = [f"{name} {number:,}" for name, number in system.quota.items() if number]
    yield Text(f"    quota: {', '.join(needs)}", style=QUIET)


def _address(text: str, *, provisional: bool) -> Text:
    if not provisional:
        return Text(text)
    return Text.assemble(text, (f" {PROVISIONAL}", CAREFUL))


def _is_provisional(system: PlannedSystem) -> bool:
    networks = any(network.provisional for network in system.networks)
    return networks or any(node.provisional for node in system.nodes)
