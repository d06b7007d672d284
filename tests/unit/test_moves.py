import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest

from govstack.engine.birth import make_like_platform, rename_stack
from govstack.engine.job import Engine, Job, Verb
from govstack.errors import EngineFailed
from govstack.operations.expiry import expiry_notes
from govstack.operations.moves import after_move, by_present_id, has_moved
from govstack.plan.make import make_plan
from govstack.site.kinds import Layer
from govstack.site.load import load_site
from govstack.state.records import Record

SITE = Path(__file__).parent.parent / "data" / "sites" / "everything"


def record(system: str, birth: str, layer: Layer = Layer.APPLICATION_SUPPORT) -> Record:
    return Record(system=system, name=system, layer=layer, upstream=(), project={}, birth=birth)


def test_a_renamed_system_is_known_by_its_first_id() -> None:
    plan = make_plan(load_site(SITE, "octavia"))
    old = record("portal", "portal")
    records = by_present_id({"portal": old, "gone": record("gone", "gone")}, plan.stacks)
    assert records == {"front": old, "gone": record("gone", "gone")}
    front = next(system for system in plan.systems if system.id == "front")
    assert has_moved(front, old)
    followed = after_move(front, old)
    assert (followed.system, followed.birth) == ("front", "portal")
    assert not has_moved(front, followed)
    assert has_moved(front, dataclasses.replace(followed, layer=Layer.DATA_SERVICE))
    assert not has_moved(front, None)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(
        program=tmp_path / "pulumi",
        version="3.259.0",
        backend=tmp_path / "backend",
        workspaces=tmp_path / "workspaces",
        variables={},
        calls_at_once=1,
    )


def settings(engine: Engine, layer: Layer, stack: str) -> Path:
    return engine.workspaces / layer.value / stack / f"Pulumi.{stack}.yaml"


def test_a_stack_is_made_with_the_salt_of_the_platforms(engine: Engine) -> None:
    job = Job(verb=Verb.UPDATE, system="app", layer=Layer.APPLICATION_SUPPORT, engine=engine)
    assert not make_like_platform(job, job.engine), "there is none to take it from"
    platform = settings(engine, Layer.INFRASTRUCTURE, "platform")
    platform.parent.mkdir(parents=True)
    platform.write_text("encryptionsalt: v1:salt\n")
    assert make_like_platform(job, job.engine)
    own = settings(engine, Layer.APPLICATION_SUPPORT, "app")
    assert own.read_text() == "encryptionsalt: v1:salt\n"
    assert own.stat().st_mode & 0o777 == 0o600
    (checkpoint,) = engine.backend.rglob("*.json")
    assert json.loads(checkpoint.read_text()) == {
        "version": 3,
        "checkpoint": {"stack": "organization/application-support/app"},
    }


class TestRename:
    OLD = (Layer.APPLICATION_SUPPORT.value, "portal")
    NEW = (Layer.DATA_SERVICE.value, "front")

    @pytest.fixture(autouse=True)
    def stack(self, engine: Engine) -> None:
        path = settings(engine, Layer.APPLICATION_SUPPORT, "portal")
        path.parent.mkdir(parents=True)
        path.write_text("encryptionsalt: v1:salt\n")
        checkpoint = engine.backend / ".pulumi/stacks" / self.OLD[0] / f"{self.OLD[1]}.json"
        checkpoint.parent.mkdir(parents=True)
        checkpoint.write_text("{}")

    def cli(self, engine: Engine, script: str) -> None:
        engine.program.write_text(f"#!/bin/sh\n{script}\n")
        engine.program.chmod(0o755)

    def test_its_settings_follow_into_the_other_projects_workspace(self, engine: Engine) -> None:
        self.cli(engine, 'echo "$@" > arguments; mv Pulumi.portal.yaml Pulumi.front.yaml')
        rename_stack(engine, self.OLD, self.NEW)
        old = settings(engine, Layer.APPLICATION_SUPPORT, "portal").parent
        assert (old / "arguments").read_text().split() == [
            *("stack", "rename", "organization/data-service/front"),
            *("--stack", "organization/application-support/portal", "--non-interactive"),
        ]
        moved = settings(engine, Layer.DATA_SERVICE, "front")
        assert moved.read_text() == "encryptionsalt: v1:salt\n"
        assert not list(old.glob("*.yaml"))

    def test_what_an_interrupted_one_left_is_done(self, engine: Engine) -> None:
        for checkpoint in engine.backend.rglob("*.json"):
            checkpoint.unlink()
        left = settings(engine, Layer.APPLICATION_SUPPORT, "portal")
        left.rename(left.with_name("Pulumi.front.yaml"))
        rename_stack(engine, self.OLD, self.NEW)
        assert settings(engine, Layer.DATA_SERVICE, "front").exists()

    def test_a_refusal_is_told(self, engine: Engine) -> None:
        self.cli(engine, "echo 'error: no' >&2; exit 1")
        with pytest.raises(EngineFailed) as caught:
            rename_stack(engine, self.OLD, self.NEW)
        assert str(caught.value) == (
            "the stack application-support/portal could not become data-service/front: error: no"
        )


def test_what_is_or_will_soon_be_past_its_day_is_spoken_of() -> None:
    site = load_site(SITE, "octavia")
    assert expiry_notes(site, date(2099, 11, 1)) == ()
    soon = [note.text for note in expiry_notes(site, date(2099, 12, 20))]
    assert soon == [
        "the flow 'everybody' is granted until 2099-12-31",
        "the system front is granted until 2099-12-31",
        "the account dan is granted until 2099-12-31",
    ]
    past = [note.text for note in expiry_notes(site, date(2100, 1, 1))]
    assert past == [
        "the flow 'everybody' was granted until 2099-12-31",
        "the system front was granted until 2099-12-31",
        "the account dan was granted until 2099-12-31",
    ]
