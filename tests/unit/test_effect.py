"""What a run may do is judged before anything is run: losses, pending changes, what is held."""

import dataclasses
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from govstack.clouds.strangers import Ours
from govstack.engine import protection
from govstack.engine.checkpoint import born_images, checkpoint_path, ids_in, servers_in
from govstack.engine.job import Engine, Job, StackResult, Verb
from govstack.engine.protection import EVERYTHING, protection_lifted
from govstack.errors import ChangesPending, StillUsed, StrangersInside, TooMuchLost
from govstack.operations import projects as projects_module
from govstack.operations.before import check_room, held_by
from govstack.operations.births import birth_notes
from govstack.operations.foresight import check_losses, chosen_stacks, loss_notes
from govstack.operations.health import Answering
from govstack.operations.keeping import begun
from govstack.operations.projects import check_empty
from govstack.operations.reports_effect import Stand
from govstack.operations.run import Run, begin
from govstack.operations.session import open_session
from govstack.operations.standing import Standing
from govstack.operations.status import status
from govstack.operations.target import Target
from govstack.operations.why import why
from govstack.plan.passes import expanded
from govstack.site.kinds import Layer
from govstack.state.records import read_records, write_record
from govstack.values.change import Action, Change, Kind, Risk
from govstack.values.observer import Level, Silent

INSTANCE = "openstack:compute/instance:Instance"
VOLUME = "openstack:blockstorage/volume:Volume"


def target_of(root: Path, tmp_path: Path, environment: str) -> Target:
    return Target(
        root=root,
        environment=environment,
        state_home=tmp_path / "state",
        cache_home=tmp_path / "cache",
    )


@pytest.fixture
def target(yunzhou: Path, tmp_path: Path) -> Target:
    return target_of(yunzhou, tmp_path, "production")


def run_of(target: Target) -> Run:
    return begin(open_session(target), Silent())


def lost(system: str, type_: str, name: str, action: Action = Action.DELETE) -> Change:
    return Change(
        kind=Kind.RESOURCE,
        action=action,
        layer="data-service",
        system=system,
        type=type_,
        name=name,
        risk=Risk.DATA_LOSS,
    )


LOSSES = {
    "dat-rdb": StackResult(
        system="dat-rdb",
        changes=(
            lost("dat-rdb", INSTANCE, "db-002"),
            lost("dat-rdb", VOLUME, "db-002-data", Action.REPLACE),
        ),
    ),
    "app-oa": StackResult(system="app-oa"),
}


def test_only_what_was_foreseen_loses_its_protection(target: Target) -> None:
    assert check_losses(run_of(target), LOSSES, 2) == {
        "dat-rdb": frozenset({f"{INSTANCE}::db-002", f"{VOLUME}::db-002-data"})
    }


def test_more_losses_than_allowed_are_refused_and_named(target: Target, edit: Any) -> None:
    with pytest.raises(TooMuchLost) as caught:
        check_losses(run_of(target), LOSSES, 1)
    assert str(caught.value) == (
        "2 resources that hold data would be deleted or replaced, 1 may: "
        "dat-rdb: db-002, dat-rdb: db-002-data"
    )
    assert caught.value.hint.endswith("--allow-delete 2")
    assert loss_notes(run_of(target), LOSSES) == ()
    edit("site.yaml", "# What is not written", "policy: {max_deletes: 0}\n# What is not written")
    (note,) = loss_notes(run_of(target), LOSSES)
    assert (note.level, "none may" in note.text) == (Level.WARNING, True)


def test_a_disposable_environment_has_no_limit(yunzhou: Path, tmp_path: Path) -> None:
    sandbox = target_of(yunzhou, tmp_path, "sandbox")
    assert check_losses(run_of(sandbox), LOSSES, 0) == {}


def test_a_system_whose_needs_are_not_there_is_refused(target: Target) -> None:
    with pytest.raises(ChangesPending, match="dat-rdb is not there yet") as caught:
        chosen_stacks(run_of(target), ("app-oa",), with_dependencies=False)
    assert caught.value.hint == ("first: govstack up dat-rdb; or all at once: --with-dependencies")
    chosen = chosen_stacks(run_of(target), ("app-oa",), with_dependencies=True)
    assert [stack.id for stack in chosen] == ["platform", "dat-rdb", "app-oa"]


def test_a_system_runs_alone_on_the_platform_while_its_needs_are_as_declared(
    leave: Any, target: Target, edit: Any
) -> None:
    leave(open_session(target))
    edit("systems/app-oa.yaml", "flavor: medium", "flavor: small")
    chosen = chosen_stacks(run_of(target), ("app-oa",), with_dependencies=False)
    assert [stack.id for stack in chosen] == ["platform", "app-oa"]
    edit("systems/dat-rdb.yaml", "size_gb: 10", "size_gb: 20")
    with pytest.raises(ChangesPending, match=r"dat-rdb has changes \(project.quota, nodes\)"):
        chosen_stacks(run_of(target), ("app-oa",), with_dependencies=False)
    chosen = chosen_stacks(run_of(target), ("dat-rdb", "app-oa"), with_dependencies=False)
    assert [stack.id for stack in chosen] == ["platform", "dat-rdb", "app-oa"]


def test_another_govstack_is_no_change_of_the_site() -> None:
    assert not Standing(Stand.CHANGED, ("code", "sdk.pulumi")).has_site_changes
    assert Standing(Stand.CHANGED, ("code", "nodes")).has_site_changes
    assert Standing(Stand.CHANGED).has_site_changes
    assert Standing(Stand.UNFINISHED).has_site_changes
    assert not Standing(Stand.TOUCHED).has_site_changes


def test_why_names_the_parts_that_have_changed(leave: Any, target: Target, edit: Any) -> None:
    leave(open_session(target))
    assert (why(target).data.systems, why(target).data.unchanged) == ((), 6)
    edit("systems/inf-log.yaml", "size_gb: 20", "size_gb: 30")
    data = why(target).data
    assert {system.id: system.parts for system in data.systems} == {
        "platform": ("projects.inf-log",),
        "inf-log": ("project.quota", "nodes"),
    }
    assert data.unchanged == 4
    (one,) = why(target, "dat-rdb").data.systems
    assert (one.stand, one.parts) == (Stand.UNCHANGED, ())


def test_why_tells_of_what_is_not_in_the_inputs(leave: Any, target: Target) -> None:
    session = open_session(target)
    (first,) = why(target, "inf-log").data.systems
    assert first.stand is Stand.NEVER_RUN
    leave(session)
    stack = next(stack for stack in session.plan.stacks if stack.id == "inf-log")
    path = checkpoint_path(session.places.backend, stack.layer.value, stack.id)
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    (touched,) = why(target, "inf-log").data.systems
    assert touched.stand is Stand.TOUCHED
    write_record(session.places, begun(stack, read_records(session.places)["inf-log"]))
    (unfinished,) = why(target, "inf-log").data.systems
    assert unfinished.stand is Stand.UNFINISHED


def without_the_hall(root: Path) -> None:
    (root / "systems" / "app-hal.yaml").unlink()
    path = root / "site.yaml"
    text = path.read_text()
    text = text[: (cut := text.index("  - from: internet"))] + text[text.index("  - from: dat-") :]
    assert cut
    zone = text.index("  INT:\n")
    path.write_text(text[:zone] + text[text.index("  PUB:\n") :])
    book = root / "addresses.yaml"
    rows = book.read_text().splitlines(keepends=True)
    book.write_text("".join(row for row in rows if "hal" not in row and "INT" not in row))


def test_a_zone_stays_until_the_last_system_has_left_it(leave: Any, target: Target) -> None:
    leave(open_session(target))
    without_the_hall(target.root)
    run = run_of(target)
    plan = run.session.plan.platform
    held = held_by(run.records, plan)
    assert [router.zone for router in held.routers] == ["INT"]
    assert (held.flavors, held.images, held.volume_types) == ((), (), ())
    roomy = expanded(plan, run.before, held)
    assert [router.zone for router in roomy.routers] == ["DAT", "MGT", "PUB", "INT"]
    check_room(roomy, plan, run.records)
    gone = {name: record for name, record in run.records.items() if name != "app-hal"}
    assert held_by(gone, plan).routers == ()


def test_a_zone_that_leaves_no_room_is_refused(leave: Any, target: Target) -> None:
    leave(open_session(target))
    without_the_hall(target.root)
    book = target.root / "addresses.yaml"
    book.write_text(book.read_text().replace("10.255.0.4: router@PUB", "10.255.0.2: router@PUB"))
    run = run_of(target)
    plan = run.session.plan.platform
    roomy = expanded(plan, run.before, held_by(run.records, plan))
    with pytest.raises(
        StillUsed,
        match=r"INT is still used by app-hal, and the zone PUB is to have .* 10\.255\.0\.2",
    ):
        check_room(roomy, plan, run.records)


def test_nodes_that_were_born_from_another_image_are_told_of(
    leave: Any, target: Target, edit: Any
) -> None:
    leave(open_session(target))
    run = run_of(target)
    assert birth_notes(run.session.plan, run.records) == ()
    edit("site.yaml", "openEuler-22.03-LTS-SP4", "openEuler-24.03-LTS")
    run = run_of(target)
    (note,) = birth_notes(run.session.plan, run.records)
    assert note.text == (
        "nodes born from openEuler-22.03-LTS-SP4, where openEuler-24.03-LTS is declared: "
        "inf-bas (1), inf-log (1), dat-rdb (2) and 2 more systems; "
        "to change them: govstack rebuild inf-bas"
    )
    assert status(target).notes == (note,)


CHECKPOINT = {
    "version": 3,
    "checkpoint": {
        "latest": {
            "resources": [
                {"urn": "urn:pulumi:s::p::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
                {
                    "urn": f"urn:pulumi:s::p::{INSTANCE}::one",
                    "type": INSTANCE,
                    "id": "id-1",
                    "protect": True,
                    "outputs": {"imageId": "image-1"},
                },
                {
                    "urn": f"urn:pulumi:s::p::{VOLUME}::two",
                    "type": VOLUME,
                    "id": "id-2",
                    "protect": True,
                },
            ]
        }
    },
}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    backend = tmp_path / "backend"
    path = checkpoint_path(backend, "data-service", "dat-rdb")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(CHECKPOINT))
    (backend / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    engine = Engine(
        program=Path("pulumi"),
        version="3.259.0",
        backend=backend,
        workspaces=tmp_path,
        variables={},
        calls_at_once=1,
    )
    return Job(verb=Verb.PREVIEW, system="dat-rdb", layer=Layer.DATA_SERVICE, engine=engine)


def protected(job: Job) -> list[str]:
    path = checkpoint_path(job.engine.backend, job.project, job.stack_name)
    resources = json.loads(path.read_text())["checkpoint"]["latest"]["resources"]
    return [each["id"] for each in resources if each.get("protect")]


def test_a_preview_lifts_protection_in_a_copy(job: Job) -> None:
    with protection_lifted(dataclasses.replace(job, unprotects=EVERYTHING)) as copy:
        assert protected(copy) == []
        assert (copy.engine.backend / ".pulumi" / "meta.yaml").exists()
    assert not copy.engine.backend.exists()
    assert protected(job) == ["id-1", "id-2"]


def test_a_run_lifts_it_from_what_is_named(job: Job) -> None:
    named = frozenset({f"{VOLUME}::two"})
    update = dataclasses.replace(job, verb=Verb.UPDATE, unprotects=named)
    with protection_lifted(update) as same:
        assert same is update
    assert protected(job) == ["id-1"]


def test_where_nothing_is_to_be_lifted_nothing_is_written(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "_write", lambda *_: pytest.fail("written"))
    for names in (frozenset[str](), frozenset({f"{VOLUME}::three"})):
        with protection_lifted(dataclasses.replace(job, unprotects=names)) as same:
            assert same.engine is job.engine


def test_a_checkpoint_tells_ids_images_and_servers(job: Job, tmp_path: Path) -> None:
    stack = (job.engine.backend, "data-service", "dat-rdb")
    assert ids_in(*stack) == {"id-1", "id-2"}
    assert born_images(*stack) == {"one": "image-1"}
    assert servers_in(*stack, ("one", "two")) == [f"urn:pulumi:s::p::{INSTANCE}::one"]
    assert ids_in(tmp_path / "nowhere", "p", "s") == frozenset()


@dataclasses.dataclass
class Item:
    id: str
    name: str = ""


def test_ours_is_what_we_know_by_id_or_name() -> None:
    ours = Ours(frozenset({"1", "secret-1"}), "yz-")
    assert ours.holds(Item("1"))
    assert ours.holds(Item("http://barbican/v1/secrets/secret-1"))
    assert ours.holds(Item("2", "yz-left-behind"))
    assert not ours.holds(Item("3", "theirs"))
    assert not Ours().holds(Item("3", "yz-left-behind"))


def test_strangers_are_named_and_adopted_projects_are_let_be(
    leave: Any, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(target)
    leave(session)
    records = read_records(session.places)
    records["app-oa"] = dataclasses.replace(
        records["app-oa"], project={**records["app-oa"].project, "adopted": {"name": "old"}}
    )
    asked: dict[str, Any] = {}

    def found(_file: Path, projects: Any) -> tuple[str, ...]:
        asked.update(projects)
        return ("port theirs in inf-log",)

    monkeypatch.setattr(projects_module, "strangers_in", found)
    with pytest.raises(StrangersInside) as caught:
        check_empty(session, records.values())
    assert str(caught.value) == (
        "what is to go holds 1 things that govstack did not make: port theirs in inf-log"
    )
    assert set(asked) == {"app-hal", "dat-rdb", "inf-bas", "inf-log"}
    assert asked["inf-log"].prefix == "yz-"


def test_what_answered_before_must_answer_again(target: Target) -> None:
    plan = open_session(target).plan
    system = next(system for system in plan.systems if system.id == "dat-rdb")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        node, system = _at_home(system, port)
        health = Answering(patience=0.1)
        health.remember(system, node)
        assert health.trouble(node) == ""
    assert health.trouble(node) == f"it does not answer any more at 127.0.0.1:{port}"
    silent = Answering(patience=0.1)
    silent.remember(system, node)
    assert silent.trouble(node) == "", "it did not answer before either"


def _at_home(system: Any, port: int) -> tuple[Any, Any]:
    (endpoint,) = system.endpoints
    home = type(system.nodes[0].address)("127.0.0.1")
    node = dataclasses.replace(system.nodes[0], address=home)
    number = dataclasses.replace(endpoint.port, first=port, last=port)
    moved = dataclasses.replace(endpoint, port=number, addresses=(home,))
    return node, dataclasses.replace(system, endpoints=(moved,))
