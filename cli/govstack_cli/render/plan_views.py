"""Text of the views of a plan: topology, flows, quota, addresses."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.text import Text

from govstack.operations.plan_report import (
    OUTSIDE,
    Crossing,
    FlowMatrix,
    Holding,
    Holdings,
    Need,
    Needs,
    PathView,
    SystemNeed,
    SystemView,
    TenantNeed,
    Topology,
    WrittenReport,
    ZoneView,
)
from govstack_cli.failure import relative
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.layers import by_layer, layer_line
from govstack_cli.render.look import BAD, CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.site import PROVISIONAL
from govstack_cli.render.words import plural, title_line

MIB_PER_GIB: Final = 1024
PORTS_SHOWN: Final = 6
CLOUD: Final = "cloud"
"""Where systems are that have no network of their own."""

DENIED: Final = "."
NEED_TITLES: Final = ("nodes", "cores", "RAM GB", "volumes", "storage GB", "floating IPs")


def topology_lines(report: Topology, look: Look) -> list[Text]:
    """Return the zones, then the systems by layer, each with its zone and what it reaches."""
    nodes = sum(system.nodes for system in report.systems)
    size = f"{plural(len(report.systems), 'system')}, {plural(nodes, 'node')}"
    lines = [title_line(report.name, report.site, report.environment, look, size), Text()]
    lines.append(Text("Zones", style=HEADING))
    lines += aligned([_zone_row(zone) for zone in report.zones], indent=2, right={4, 5})
    layers = list(by_layer(_Layered(system) for system in report.systems))
    rows = iter(
        aligned(
            [_topology_row(each.system, look) for _, group in layers for each in group],
            indent=2,
            right={3},
        )
    )
    for layer, group in layers:
        lines += [Text(), layer_line(layer, look)]
        lines += [next(rows) for _ in group]
    if report.outsiders:
        lines += [Text(), Text("From outside", style=HEADING)]
        lines += aligned(list(_outside_rows(report)), indent=2)
    return lines


def flow_lines(report: FlowMatrix, look: Look) -> list[Text]:
    """Return the matrix of zones; in detail, every path too."""
    size = plural(len(report.paths), "path")
    lines = [title_line(report.name, report.site, report.environment, look, size)]
    sign = look.glyphs.failed
    text = f"Rows reach columns. {sign} can never be, {DENIED} is not declared: both are denied."
    lines += [Text(text, style=QUIET), Text(), *_matrix(report, look)]
    if look.verbose and report.paths:
        titles = ("from", "zone", "to", "zone", "ports", "by", "purpose", "ticket", "until")
        rows = [_heads(titles), *(_path_row(path) for path in report.paths)]
        lines += [Text(), *aligned(rows)]
    elif report.paths and not look.quiet:
        lines += [Text(), Text("every path with -v, or as a table with --format csv", style=QUIET)]
    return lines


def need_lines(report: Needs, look: Look) -> list[Text]:
    """Return the need of each system, then of each department beside its ceiling."""
    size = plural(len(report.systems), "system")
    lines = [title_line(report.name, report.site, report.environment, look, size), Text()]
    lines.append(Text("Systems", style=HEADING))
    rows = [_heads(("", "", "", *NEED_TITLES)), *(_system_row(each) for each in report.systems)]
    if len(report.systems) > 1:
        rows.append((Text("all", style=HEADING), "", "", *_need_cells(report.total)))
    lines += aligned(rows, indent=2, right=range(3, 9))
    lines += [Text(), Text("Departments, with all of their systems", style=HEADING)]
    rows = [_heads(("", "", *NEED_TITLES, ""))]
    rows += [_tenant_row(each, look) for each in report.tenants]
    return [*lines, *aligned(rows, indent=2, right=range(2, 8))]


def holding_lines(report: Holdings, look: Look) -> list[Text]:
    """Return every address with its holder, below its routing domain."""
    size = plural(len(report.rows), "row")
    lines = [title_line(report.name, report.site, report.environment, look, size), Text()]
    rows = [_heads(("domain", "zone", "subnet", "address", "holder", "system", "for"))]
    lines += aligned([*rows, *(_holding_row(row) for row in report.rows)])
    if any(row.provisional for row in report.rows):
        text = f"{PROVISIONAL} provisional: govstack{look.again} allocate keeps it for good"
        lines += [Text(), Text(text, style=CAREFUL)]
    return lines


def written_lines(report: WrittenReport, look: Look) -> list[Text]:
    """Return which file was written."""
    text = f" {report.view} as {report.form} in {relative(report.path)}"
    size = f"{look.glyphs.dot}{report.size:,} bytes"
    return [Text.assemble((look.glyphs.done, GOOD), text, (size, QUIET))]


class _Layered:
    """A system by the layer of its cell."""

    def __init__(self, system: SystemView) -> None:
        self.system = system

    @property
    def layer(self) -> str:
        return self.system.cell.layer


def _heads(titles: Iterable[str]) -> Row:
    return tuple(Text(title, style=QUIET) for title in titles)


def _zone_row(zone: ZoneView) -> Row:
    faces = "data" if zone.holds_data else zone.exposure.value
    return (
        Text(zone.id, style=HEADING),
        zone.name,
        Text(faces, style=QUIET),
        zone.supernet,
        plural(zone.systems, "system"),
        plural(zone.nodes, "node"),
    )


def _nodes(system: SystemView) -> str:
    if not system.nodes:
        return ""
    on_machines = f", {system.machines} on machines" if system.machines else ""
    return plural(system.nodes, "node") + on_machines


def _topology_row(system: SystemView, look: Look) -> Row:
    zones = "+".join((system.cell.zone or CLOUD, *system.further_zones))
    facts = [f"reaches {', '.join(system.reaches)}"] if system.reaches else []
    facts += [
        f"{'reaches' if opening.outward else 'reached by'} {opening.who} on "
        f"{', '.join(opening.ports)}"
        for opening in system.openings
    ]
    return (
        Text(system.id, style=HEADING),
        system.name,
        zones,
        _nodes(system),
        Text(look.glyphs.dot.join(facts), style=QUIET),
    )


def _outside_rows(report: Topology) -> Iterator[Row]:
    outsiders = {outsider.id for outsider in report.outsiders}
    for link in report.links:
        if link.source in outsiders:
            through = ", ".join(link.mechanisms)
            ports = ", ".join(link.ports)
            purposes = "; ".join(link.purposes)
            yield (link.source, f"to {link.target}", ports, through, Text(purposes, style=QUIET))


def _matrix(report: FlowMatrix, look: Look) -> list[Text]:
    """Return the matrix, each source as high as its fullest cell."""
    crossings = {(each.source, each.destination): each for each in report.crossings}
    rows: list[Row] = [_heads(("", *report.destinations))]
    for source in report.sources:
        cells = [_cell(crossings[source, destination], look) for destination in report.destinations]
        height = max((len(cell) for cell in cells), default=1)
        name = Text(source, style=CAREFUL if source == OUTSIDE else HEADING)
        for line in range(height):
            filled = (cell[line] if line < len(cell) else Text() for cell in cells)
            rows.append((name if line == 0 else Text(), *filled))
        rows.append(tuple(Text() for _ in range(len(cells) + 1)))
    return aligned(rows[:-1], gap=3)


def _cell(crossing: Crossing, look: Look) -> Sequence[Text]:
    if not crossing.paths:
        if crossing.barred:
            return [Text(look.glyphs.failed, style=BAD)]
        return [Text(DENIED, style=QUIET)]
    shown = crossing.ports[:PORTS_SHOWN]
    lines = [Text(plural(crossing.paths, "path"), style=HEADING)]
    lines += [Text(f"{each.port} x{each.paths}") for each in shown]
    if rest := len(crossing.ports) - len(shown):
        lines.append(Text(f"+{rest} more", style=QUIET))
    return lines


def _path_row(path: PathView) -> Row:
    return (
        path.source,
        path.source_zone,
        path.destination,
        path.destination_zone,
        " ".join(path.ports),
        Text(path.mechanism.value, style=QUIET),
        path.purpose,
        path.ticket,
        path.expires,
    )


def _system_row(each: SystemNeed) -> Row:
    return (Text(each.id, style=HEADING), each.name, each.tenant, *_need_cells(each.need))


def _need_cells(need: Need) -> tuple[str, ...]:
    return tuple(
        f"{number:,}" if number else ""
        for number in (
            need.instances,
            need.cores,
            _in_gib(need.ram_mb),
            need.volumes,
            need.gigabytes,
            need.floating_ips,
        )
    )


def _in_gib(ram_mb: int) -> int:
    """Return memory in GB, the last one begun counted whole, as ceilings count it."""
    return -(-ram_mb // MIB_PER_GIB)


def _tenant_row(each: TenantNeed, look: Look) -> Row:
    ceiling = each.ceiling
    limits = {
        1: ("cores", ceiling.cores),
        2: ("ram_gb", ceiling.ram_gb),
        4: ("storage_gb", ceiling.storage_gb),
        5: ("floating_ips", ceiling.floating_ips),
    }
    cells: list[Text | str] = []
    for number, cell in enumerate(_need_cells(each.need)):
        kind, limit = limits.get(number, ("", 0))
        style = BAD if kind in each.above else ""
        cells.append(Text(f"{cell or 0}/{limit:,}", style=style) if limit else cell)
    above = f"{look.glyphs.failed} above its ceiling" if each.above else ""
    return (Text(each.id, style=HEADING), each.name, *cells, Text(above, style=BAD))


def _holding_row(row: Holding) -> Row:
    mark = f" {PROVISIONAL}" if row.provisional else ""
    return (
        Text(row.domain, style=QUIET),
        row.zone,
        row.subnet,
        Text.assemble(row.address, (mark, CAREFUL)),
        row.holder,
        row.system,
        Text(row.holds.value, style=QUIET),
    )
