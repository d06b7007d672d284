"""Matrix, needs and address book of a plan, by example."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from govstack.errors import ReportUnwritable
from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.plan.views.holdings import Holds, holdings_of
from govstack.plan.views.matrix import Basis, flow_matrix_of
from govstack.plan.views.needs import Need, needs_of
from govstack.reports.files import write_report
from govstack.reports.tables import BOM, addresses_csv, flows_csv, quota_csv
from govstack.site.load import load_site
from govstack.site.model import Allowance, Site

Edit = Callable[[str, str, str], None]


@pytest.fixture
def site(yunzhou: Path) -> Site:
    return load_site(yunzhou, "sandbox")


def names(plan: Plan) -> set[str]:
    return {stack.id for stack in plan.stacks}


def test_the_matrix_counts_paths_and_tells_denied_from_barred(site: Site) -> None:
    plan = make_plan(site)
    matrix = flow_matrix_of(site, plan, names(plan))
    assert matrix.sources == ("outside", "INT", "PUB", "DAT", "MGT")
    assert matrix.destinations == ("INT", "PUB", "DAT", "MGT")
    shown = {
        f"{each.source}>{each.destination}": " ".join(
            f"{port.port}x{port.paths}" for port in each.ports
        )
        for each in matrix.crossings
        if each.paths
    }
    assert shown == {
        "outside>INT": "tcp/443x1",
        "outside>MGT": "tcp/22x1",
        "INT>PUB": "tcp/443x1",
        "INT>MGT": "tcp/6514x1",
        "PUB>DAT": "tcp/5432x1",
        "PUB>MGT": "tcp/6514x1",
        "DAT>DAT": "tcp/5432x1",
        "DAT>MGT": "tcp/6514x1",
        "MGT>INT": "tcp/22x1",
        "MGT>PUB": "tcp/22x1",
        "MGT>DAT": "tcp/22x1",
        "MGT>MGT": "tcp/22x1 tcp/6514x1",
    }
    barred = {f"{each.source}>{each.destination}" for each in matrix.crossings if each.barred}
    assert barred == {"outside>PUB", "outside>DAT", "INT>DAT"}
    assert not any(each.paths for each in matrix.crossings if each.barred)


def test_a_path_says_what_it_follows_from(site: Site) -> None:
    plan = make_plan(site)
    paths = flow_matrix_of(site, plan, {"dat-rdb"}).paths
    assert {path.basis for path in paths} == {Basis.USE, Basis.FLOW}
    (used,) = (path for path in paths if path.basis is Basis.USE)
    assert (used.source, used.destination, used.asked_by) == ("app-oa", "dat-rdb/db", "app-oa")
    assert all("dat-rdb" in f"{path.source} {path.destination}" for path in paths)


def test_ports_of_one_flow_make_one_path(yunzhou: Path, edit: Edit) -> None:
    edit("site.yaml", "ports: [tcp/6514]", "ports: [udp/514, tcp/6514]")
    site = load_site(yunzhou, "sandbox")
    paths = flow_matrix_of(site, make_plan(site), {"inf-log"}).paths
    assert {path.ports for path in paths if path.source == "PUB"} == {("tcp/6514", "udp/514")}


def test_needs_add_up_and_are_compared_with_the_ceiling(site: Site) -> None:
    plan = make_plan(site)
    needs = needs_of(site, plan, names(plan))
    for field in dataclasses.fields(Need):
        parts = [getattr(each.need, field.name) for each in needs.systems]
        departments = [getattr(each.need, field.name) for each in needs.tenants]
        assert getattr(needs.total, field.name) == sum(parts) == sum(departments)
    assert needs.total.instances == 6
    first, *others = site.tenants
    low = dataclasses.replace(first, quota=Allowance(cores=1, ram_gb=1024, storage_gb=1))
    strict = dataclasses.replace(site, tenants=(low, *others))
    (above,) = (each for each in needs_of(strict, plan, names(plan)).tenants if each.above)
    assert (above.id, above.above) == (first.id, ("cores", "storage_gb"))


def test_a_departments_need_is_that_of_all_its_systems(site: Site) -> None:
    plan = make_plan(site)
    needs = needs_of(site, plan, {"inf-bas"})
    assert [each.id for each in needs.systems] == ["inf-bas"]
    (owner,) = needs.tenants
    assert owner.systems > 1
    assert owner.need.instances > needs.total.instances


def test_every_row_of_the_address_book_is_shown_in_order(site: Site) -> None:
    plan = make_plan(site)
    rows = holdings_of(site, plan, names(plan)).rows
    assert {f"{row.domain}/{row.address}": row.holder for row in rows} == dict(site.addresses)
    assert [row.address for row in rows if row.system == "dat-rdb"] == [
        "10.40.0.0/26",
        "10.40.0.10",
        "10.40.0.11",
    ]
    assert {row.subnet for row in rows if row.holds is Holds.ROUTER} == {str(site.transit)}


def test_what_the_book_lacks_is_provisional_and_what_is_left_over_is_kept(
    yunzhou: Path, edit: Edit
) -> None:
    edit("addresses.yaml", "core/10.40.0.11: yz-dat-dsjj-rdb-db-002", "core/10.40.0.12: gone")
    site = load_site(yunzhou, "sandbox")
    plan = make_plan(site)
    rows = {row.holder: row for row in holdings_of(site, plan, names(plan)).rows}
    assert [row.holder for row in rows.values() if row.provisional] == ["yz-dat-dsjj-rdb-db-002"]
    gone = rows["gone"]
    assert (gone.holds, gone.zone, gone.address) == (Holds.KEPT, "DAT", "10.40.0.12")
    assert "gone" not in {row.holder for row in holdings_of(site, plan, {"dat-rdb"}).rows}


def test_tables_are_for_spreadsheets(site: Site) -> None:
    plan = make_plan(site)
    everything = names(plan)
    flows = flows_csv(flow_matrix_of(site, plan, everything))
    quota = quota_csv(needs_of(site, plan, everything))
    addresses = addresses_csv(holdings_of(site, plan, everything))
    for text in (flows, quota, addresses):
        assert text.startswith(BOM)
        head, *rows = text.removeprefix(BOM).split("\r\n")
        assert rows.pop() == ""
        assert all(row.count(",") >= head.count(",") for row in rows)
    assert "core,DAT,10.40.0.0/26,dat-rdb,10.40.0.10,yz-dat-dsjj-rdb-db-001,node,\r\n" in addresses


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(site: Site, sign: str) -> None:
    plan = make_plan(site)
    matrix = flow_matrix_of(site, plan, names(plan))
    evil = dataclasses.replace(matrix.paths[0], purpose=f"{sign}cmd|'/c calc'!A0")
    text = flows_csv(dataclasses.replace(matrix, paths=(evil,)))
    assert f",'{sign}cmd" in text
    assert f",{sign}cmd" not in text


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "city.svg"
    assert write_report(file, "云\r\n") == 5
    assert file.read_bytes() == "云\r\n".encode()
    link = tmp_path / "link.svg"
    link.symlink_to(file)
    write_report(link, "new")
    assert (link.is_symlink(), file.read_text()) == (True, "new")
    with pytest.raises(ReportUnwritable, match="is a folder"):
        write_report(tmp_path, "x")
    with pytest.raises(ReportUnwritable, match="cannot be written: No such file"):
        write_report(tmp_path / "none" / "city.svg", "x")
    with pytest.raises(ReportUnwritable, match="is no file"):
        write_report(Path("/dev/null"), "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city.svg", "link.svg"]
