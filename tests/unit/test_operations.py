"""Verbs that need neither cloud nor engine, and what the others refuse before they start."""

from pathlib import Path

import pytest

from govstack import sandbox
from govstack.engine.toolchain import Finding
from govstack.errors import AddressesMissing, Protected, SiteInvalid, UnknownSelection
from govstack.operations import access, doctor, machine
from govstack.operations.allocate import allocate
from govstack.operations.down import down
from govstack.operations.outputs import outputs
from govstack.operations.plan import plan
from govstack.operations.preview import preview
from govstack.operations.provision import provision
from govstack.operations.report import State
from govstack.operations.report_machine import Verdict
from govstack.operations.sandbox import status as sandbox_status
from govstack.operations.schema import schema
from govstack.operations.status import status
from govstack.operations.target import Target
from govstack.operations.validate import validate
from govstack.site.kinds import Layer
from govstack.site.load import load_site
from govstack.state.places import places_of
from govstack.state.records import Record, write_record
from govstack.values.observer import Event, Level, Silent


@pytest.fixture
def target(yunzhou: Path, tmp_path: Path) -> Target:
    return Target(
        root=yunzhou,
        environment="sandbox",
        state_home=tmp_path / "state",
        cache_home=tmp_path / "cache",
    )


@pytest.fixture(autouse=True)
def no_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that would start the embedded cloud."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("the embedded cloud must not be started")

    monkeypatch.setattr(access.sandbox, "start", refuse)


def record(target: Target, system: str, layer: Layer, *, finished: bool = True) -> None:
    places = places_of(
        target.state_home, target.root, load_site(target.root, "sandbox").environment
    )
    write_record(
        places,
        Record(
            system=system,
            name=system,
            layer=layer,
            upstream=("platform",),
            project={},
            finished=finished,
            resources=3,
        ),
    )


def test_a_valid_site_is_told_in_numbers(target: Target) -> None:
    result = validate(target)
    data = result.data
    assert (data.zones, data.tenants, data.systems, data.nodes, data.flows) == (4, 3, 5, 6, 5)
    assert result.notes == ()


def test_provisional_and_stale_addresses_are_noted(target: Target) -> None:
    path = target.root / "addresses.yaml"
    text = path.read_text().replace(
        "core/10.20.0.10: yz-pub-szfb-oa-app-001", "core/10.20.0.10: gone"
    )
    path.write_text(text)
    notes = validate(target).notes
    assert [note.level for note in notes] == [Level.WARNING, Level.INFO]
    assert "1 addresses are provisional" in notes[0].text
    assert "core/10.20.0.10: gone" in notes[1].text


def test_a_plan_of_one_system_holds_what_it_needs(target: Target) -> None:
    data = plan(target, systems=("app-oa",)).data
    assert [system.id for system in data.systems] == ["dat-rdb", "app-oa"]
    assert data.systems[0].quota["instances"] == 2


def test_allocate_writes_what_is_missing_and_keeps_the_rest(target: Target) -> None:
    path = target.root / "addresses.yaml"
    whole = path.read_text()
    path.write_text(whole.replace("core/10.40.0.11: yz-dat-dsjj-rdb-db-002\n", ""))
    dry = allocate(target, write=False).data
    assert (dry.written, len(dry.added), dry.kept) == (False, 1, 14)
    assert allocate(target).data.written
    assert path.read_text() == whole
    assert not allocate(target).data.written


def test_allocate_begins_a_book_where_there_is_none(target: Target) -> None:
    path = target.root / "addresses.yaml"
    whole = path.read_text()
    path.unlink()
    assert len(allocate(target).data.added) == 15
    assert path.read_text() == whole


def test_status_tells_of_every_kind_of_system(target: Target) -> None:
    record(target, "platform", Layer.INFRASTRUCTURE)
    record(target, "dat-rdb", Layer.DATA_SERVICE, finished=False)
    record(target, "app-old", Layer.APPLICATION_SUPPORT)
    data = status(target).data
    assert {system.id: system.state for system in data.systems} == {
        "platform": State.UP,
        "inf-bas": State.ABSENT,
        "inf-log": State.ABSENT,
        "dat-rdb": State.PENDING,
        "app-oa": State.ABSENT,
        "app-hal": State.ABSENT,
        "app-old": State.REMOVED,
    }
    assert data.cloud == "embedded cloud, absent"


def test_an_unknown_system_is_refused_before_any_cloud_is_started(target: Target) -> None:
    for call in (
        lambda: provision(target, Silent(), systems=("app-ao",)),
        lambda: preview(target, Silent(), systems=("app-ao",)),
        lambda: down(target, Silent(), systems=("app-ao",)),
        lambda: plan(target, systems=("app-ao",)),
        lambda: outputs(target, "app-ao"),
    ):
        with pytest.raises(UnknownSelection, match="there is no system 'app-ao'") as caught:
            call()
        assert caught.value.hint == "did you mean app-oa?"


def test_up_refuses_provisional_addresses(target: Target) -> None:
    (target.root / "addresses.yaml").unlink()
    with pytest.raises(AddressesMissing, match=r"no address is kept for .* and 12 more"):
        provision(target, Silent())


def test_down_of_nothing_has_nothing_to_do(target: Target) -> None:
    assert down(target, Silent()).data.systems == ()
    assert down(target, Silent(), systems=("app-oa",)).data.systems == ()


def test_down_refuses_what_is_not_disposable(yunzhou: Path, tmp_path: Path) -> None:
    production = Target(
        root=yunzhou, environment="production", state_home=tmp_path, cache_home=tmp_path
    )
    with pytest.raises(Protected, match="'production' is not disposable"):
        down(production, Silent())
    with pytest.raises(UnknownSelection, match="has a cloud of its own"):
        sandbox_status(production)


def test_a_cloud_that_never_was_is_absent(target: Target) -> None:
    data = sandbox_status(target).data
    assert (data.state, data.services) == ("absent", ())


def test_schemas_are_known_by_the_kinds_of_files() -> None:
    assert set(schema().data) == {"site", "system", "environment", "profile"}
    with pytest.raises(UnknownSelection, match="no kind of file 'stack'"):
        schema("stack")


class Notes:
    def notify(self, event: Event) -> None:
        pytest.fail(f"doctor must not start anything: {event}")


def test_doctor_names_what_is_missing_and_how_to_mend_it(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = Finding("pulumi", "3.259.0", None, ("no Go",), "install Go 1.26")
    monkeypatch.setattr(doctor, "probe_toolchain", lambda _cache: (missing,))
    (target.root / "systems" / "app-oa.yaml").write_text("id: app-oa\n")
    result = doctor.doctor(
        target, Notes(), cache_home=target.cache_home, state_home=target.state_home
    )
    checks = {check.name: check for check in result.data.checks}
    assert result.exit_code == 5
    assert (checks["Pulumi CLI"].verdict, checks["Pulumi CLI"].mend) == (
        Verdict.FAILED,
        "install Go 1.26",
    )
    assert checks["Site"].verdict is Verdict.FAILED
    assert "app-oa.yaml:1" in checks["Site"].found
    assert checks["Python"].verdict is Verdict.OK
    with pytest.raises(SiteInvalid):
        validate(target)


def test_doctor_tells_of_a_state_that_others_can_read(tmp_path: Path) -> None:
    home = tmp_path / "state"
    home.mkdir(mode=0o755)
    found = machine.state(home)
    assert (found.verdict, found.mend) == (Verdict.WARNING, f"chmod 700 {home}")
    home.chmod(0o700)
    assert machine.state(home).verdict is Verdict.OK


def test_doctor_tells_of_a_disk_that_is_too_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "CACHE_GIB", 10**9)
    found = machine.disk(tmp_path / "not" / "made")
    assert found.verdict is Verdict.WARNING
    assert "GOVSTACK_CACHE_HOME" in found.mend


def test_doctor_tells_whether_the_embedded_cloud_is_installed(tmp_path: Path) -> None:
    assert machine.embedded_cloud(tmp_path).verdict is Verdict.WARNING
    assert not sandbox.installed(tmp_path)
