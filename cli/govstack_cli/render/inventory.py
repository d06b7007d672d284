"""Text of the inventory: a tree of hosts, all of one host, and the files that were written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from govstack.operations.inventory_report import Host, Inventory, InventoryFiles
from govstack_cli.failure import relative
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.layers import layered_lines
from govstack_cli.render.look import CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import plural, title_line


@dataclass(frozen=True, slots=True)
class _System:
    """The hosts of one system."""

    id: str
    name: str
    layer: str
    hosts: tuple[Host, ...]


def inventory_lines(report: Inventory, look: Look) -> list[Text]:
    """Return the hosts by layer and system with what configures them; of one host, all."""
    if [host.name for host in report.hosts] == [report.subject]:
        return _host_lines(report, report.hosts[0])
    size = plural(len(report.hosts), "host")
    lines = [title_line(report.name, report.site, report.environment, look, size)]
    shared = _shared_roles(report)
    lines += layered_lines(
        _systems(report),
        look,
        head=lambda system: (
            Text(system.id, style=HEADING),
            system.name,
            plural(len(system.hosts), "host"),
        ),
        nodes=lambda system: [_host_row(host, shared, look) for host in system.hosts],
    )
    if look.verbose:
        lines += [Text(), Text("Groups", style=HEADING)]
        rows = [(group.name, plural(len(group.hosts), "host")) for group in report.groups]
        lines += aligned(rows, indent=2)
    if shared and not look.quiet:
        names = " ".join(_short(role) for role in shared)
        lines += [Text(), Text.assemble(("every host: ", HEADING), (names, QUIET))]
    return lines


def written_inventory_lines(report: InventoryFiles, look: Look) -> list[Text]:
    """Return which files were written."""
    size = f"{look.glyphs.dot}{plural(report.hosts, 'host')}"
    return [
        Text.assemble((look.glyphs.done, GOOD), f" {relative(path)}", (size, QUIET))
        for path in report.paths
    ]


def _systems(report: Inventory) -> Iterator[_System]:
    ordered = sorted(report.hosts, key=lambda host: host.system)
    for system, group in groupby(ordered, key=lambda host: host.system):
        hosts = tuple(group)
        yield _System(system, hosts[0].system_name, hosts[0].layer, hosts)


def _shared_roles(report: Inventory) -> tuple[str, ...]:
    """Return the roles that all hosts have, if there is more than one host to compare."""
    first, *others = (host.roles for host in report.hosts) if report.hosts else ((),)
    if not others:
        return ()
    return tuple(role for role in first if all(role in other for other in others))


def _host_row(host: Host, shared: tuple[str, ...], look: Look) -> Row:
    roles = " ".join(_short(role) for role in host.roles if role not in shared)
    return (
        host.zone,
        host.name,
        host.address,
        Text(host.family, style=QUIET),
        _way(host, look),
        Text(roles, style=QUIET),
    )


def _way(host: Host, look: Look) -> Text:
    if not host.is_reachable:
        return Text(f"{look.glyphs.warning} no way in", style=CAREFUL)
    return Text(f"by {host.way[-1]}" if host.way else "", style=QUIET)


def _host_lines(report: Inventory, host: Host) -> list[Text]:
    values = {**report.variables, **_of_groups(report, host), **host.variables}
    lines = [Text.assemble((host.name, HEADING), f"  {host.system_name}")]
    rows = [("groups", Text(" ".join(host.groups))), *_flat("", dict(sorted(values.items())))]
    return [*lines, *aligned(rows, indent=2)]


def _of_groups(report: Inventory, host: Host) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for group in report.groups:
        if group.name in host.groups:
            found |= group.variables
    return found


def _flat(path: str, value: object) -> Iterator[Row]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield from _flat(f"{path}[{number}]", item)
    elif isinstance(value, list):
        yield (path, " ".join(str(item) for item in value))
    else:
        yield (path, str(value))


def _short(role: str) -> str:
    """Return a role's name without its collection."""
    return role.rsplit(".", 1)[-1]
