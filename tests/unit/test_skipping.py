"""Skipping what has not changed never changes the cloud: compared with running everything.

Two worlds see the same edits, the same runs and the same failures.  In one nothing is run that
the records say is unchanged, in the other everything is.  A model stands for engine and cloud.
"""

import dataclasses
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from govstack.engine.checkpoint import checkpoint_path
from govstack.engine.job import Job, Message, StackResult, Verb
from govstack.layers.program import Inputs, PlatformInputs, SystemInputs
from govstack.operations import down as down_module
from govstack.operations import engines as engines_module
from govstack.operations import provision as provision_module
from govstack.operations import run as run_module
from govstack.operations import stacks as stacks_module
from govstack.operations.latitude import Latitude
from govstack.operations.provision import provision
from govstack.operations.session import Session
from govstack.operations.target import Target
from govstack.plan.make import make_plan
from govstack.site.load import load_site
from govstack.site.model import Site
from govstack.state.places import places_of
from govstack.state.secrets import passwords
from govstack.values.digest import plain
from govstack.values.observer import Silent

SITE = Path(__file__).parent.parent / "data" / "sites" / "yunzhou"
Resources = dict[str, Any]


class Cloud:
    """What the engine has made, by stack; ids tell how often a thing was made anew."""

    def __init__(self) -> None:
        self.stacks: dict[str, Resources] = {}
        self.made: Counter[str] = Counter()
        self.ran: list[str] = []
        self.failing: frozenset[str] = frozenset()

    def apply(self, job: Job) -> StackResult:
        """Do a job; one that is to fail does half of what there is to do."""
        self.ran.append(job.system)
        name, system = f"{job.project}/{job.stack_name}", job.system
        there = self.stacks.setdefault(name, {})
        wanted = {} if job.verb is Verb.DESTROY else declared(job.inputs, there)
        todo = sorted(key for key in {*there, *wanted} if differ(there.get(key), wanted.get(key)))
        fails = bool(todo) and system in self.failing
        for key in todo[: len(todo) // 2] if fails else todo:
            self._put(there, key, wanted.get(key))
        path = checkpoint_path(job.engine.backend, job.project, job.stack_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"checkpoint": {}, "model": there}), encoding="utf-8")
        if fails:
            return StackResult(system=system, error="boom")
        if job.verb is Verb.DESTROY:
            path.unlink()
            del self.stacks[name]
        return StackResult(system=system, outputs=outputs(job.inputs, there), resources=len(there))

    def _put(self, there: Resources, key: str, value: Any) -> None:
        if value is None:
            del there[key]
            return
        old = there.get(key)
        if old is None or old["fixed"] != value["fixed"]:
            self.made[key] += 1
            value = value | {"id": f"{key}#{self.made[key]}"}
        else:
            value = value | {"id": old["id"], "born": old["born"]}
        there[key] = value


def differ(old: Any, new: Any) -> bool:
    """Tell whether the engine has something to do: what a node was born from is let be."""
    if old is None or new is None:
        return True
    return (old["fixed"], old["free"]) != (new["fixed"], new["free"])


def thing(fixed: Any, free: Any = None, born: Any = None) -> Resources:
    """Return a resource; a change of what is `fixed` makes it anew, of what is free does not."""
    return {"fixed": plain(fixed), "free": plain(free), "born": plain(born)}


def declared(inputs: Inputs | None, _there: Resources) -> Resources:
    if isinstance(inputs, PlatformInputs):
        plan = inputs.plan
        return {
            **{f"router {each.zone}": thing(each.name, each) for each in plan.routers},
            **{f"flavor {each.id}": thing(each) for each in plan.flavors},
            **{f"image {each.id}": thing(each) for each in plan.images},
            **{f"project {each.birth}": thing(each.name, each) for each in plan.projects},
        }
    assert isinstance(inputs, SystemInputs)
    given = inputs.platform
    return {
        **{
            f"network {each.zone}": thing((each.cidr, given.routers[each.zone]))
            for each in inputs.plan.networks
        },
        **{f"group {each.role}": thing(each.name, each.rules) for each in inputs.plan.groups},
        **{
            f"node {each.name}": thing(
                each.address,
                (given.flavors[each.flavor], each.metadata, given.projects[inputs.plan.id]),
                given.images[each.image],
            )
            for each in inputs.plan.nodes
        },
    }


def outputs(inputs: Inputs | None, there: Resources) -> Mapping[str, object]:
    def ids(kind: str) -> dict[str, str]:
        return {
            key.removeprefix(f"{kind} "): value["id"]
            for key, value in there.items()
            if key.startswith(f"{kind} ")
        }

    if isinstance(inputs, PlatformInputs):
        births = {project.birth: project.system for project in inputs.plan.projects}
        return {
            "external_network": "outside",
            "dns_zone": "",
            "routers": ids("router"),
            "flavors": ids("flavor"),
            "images": ids("image"),
            "volume_types": {},
            "projects": {births[birth]: id_ for birth, id_ in ids("project").items()},
        }
    return {
        "networks": ids("network"),
        "nodes": ids("node"),
        "floating_ips": {},
        "endpoints": {},
    }


class ModelPool:
    """A pool whose jobs are done by the model, one after the other."""

    cloud: Cloud

    def __init__(self, _size: int) -> None:
        self._jobs: list[Job] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert not self._jobs

    def interrupt(self) -> None:
        """There is nothing to stop."""

    def warm(self) -> None:
        pass

    is_free = True

    @property
    def is_busy(self) -> bool:
        return bool(self._jobs)

    def start(self, job: Job) -> None:
        self._jobs.append(job)

    def messages(self) -> Iterator[Message]:
        yield ModelPool.cloud.apply(self._jobs.pop(0))


@dataclasses.dataclass(frozen=True)
class Wish:
    """A site, by what is edited in it."""

    offices: int = 1
    databases: int = 2
    ram: int = 512
    flavor: str = "medium"
    image: str = "debian-12"
    hall: bool = True
    flow: bool = True
    log: str = "inf-log"

    def write(self, root: Path) -> None:
        for path in sorted(SITE.rglob("*.yaml")):
            target = root / path.relative_to(SITE)
            if path.stem == "inf-log":
                target.unlink(missing_ok=True)
                target.with_stem("inf-aud").unlink(missing_ok=True)
                target = target.with_stem(self.log)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self._edited(path), encoding="utf-8")
        if not self.hall:
            (root / "systems" / "app-hal.yaml").unlink()

    def _edited(self, path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        edits = {
            "app-oa": [("count: 1", f"count: {self.offices}"), ("medium", self.flavor)],
            "dat-rdb": [("count: 2", f"count: {self.databases}")],
            "inf-log": [("id: inf-log", f"id: {self.log}{self._first()}")],
            "sandbox": [("debian-12", self.image)],
            "site": [("ram_mb: 512", f"ram_mb: {self.ram}"), ("to: inf-log", f"to: {self.log}")],
        }
        for old, new in edits.get(path.stem, []):
            text = text.replace(old, new)
        if path.stem == "site":
            text = self._flows(text)
        return text

    def _first(self) -> str:
        return "" if self.log == "inf-log" else "\nrenamed_from: inf-log"

    def _flows(self, text: str) -> str:
        public = text.index("  - from: internet")
        replica = text.index("  - from: dat-rdb")
        return (
            text[:public]
            + (text[public:replica] if self.hall else "")
            + (text[replica:] if self.flow else "")
        )


@dataclasses.dataclass(frozen=True)
class Step:
    """One run: what was edited before it, for whom it is, who fails, what others touched."""

    edit: tuple[str, Any]
    systems: tuple[str, ...] = ()
    failing: frozenset[str] = frozenset()
    touched: str = ""


EDITS: Mapping[str, tuple[Any, ...]] = {
    "offices": (1, 2, 3),
    "databases": (1, 2),
    "ram": (512, 768),
    "flavor": ("small", "medium"),
    "image": ("debian-12", "debian-13"),
    "hall": (True, False),
    "flow": (True, False),
    "log": ("inf-log", "inf-aud"),
}
STABLE = ("inf-bas", "dat-rdb", "app-oa")
ALL = ("platform", *STABLE, "app-hal", "inf-log", "inf-aud")

steps = st.builds(
    Step,
    edit=st.sampled_from([(key, value) for key, values in EDITS.items() for value in values]),
    systems=st.just(()) | st.tuples(st.sampled_from(STABLE)),
    failing=st.frozensets(st.sampled_from(ALL), max_size=2),
    touched=st.sampled_from(["", "", "", *STABLE]),
)


class World:
    """One state and one cloud; everything is run, or only what has changed."""

    def __init__(self, folder: Path, root: Path, *, everything: bool) -> None:
        self.cloud = Cloud()
        self.everything = everything
        self.target = Target(root=root, environment="sandbox", state_home=folder, cache_home=folder)

    def run(self, site: Site, step: Step) -> None:
        plan = dataclasses.replace(make_plan(site), provisional=())
        places = places_of(self.target.state_home, self.target.root, site.environment)
        session = Session(self.target, site, plan, places)
        ModelPool.cloud = self.cloud
        self.cloud.failing, self.cloud.ran = step.failing, []
        self._touch(session, step.touched)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(provision_module, "open_session", lambda _: session)
            provision(
                self.target,
                Silent(),
                systems=step.systems,
                everything=self.everything,
                latitude=Latitude(with_dependencies=True),
            )

    def _touch(self, session: Session, system: str) -> None:
        """Change something with plain pulumi, which the checkpoint then shows."""
        for stack in session.plan.systems:
            name = f"{stack.layer.value}/{stack.id}"
            path = checkpoint_path(session.places.backend, stack.layer.value, stack.id)
            if stack.id == system and self.cloud.stacks.get(name) and path.exists():
                there = self.cloud.stacks[name]
                there[min(there)]["free"] = "by hand"
                path.write_text(json.dumps({"checkpoint": {}, "model": there}), encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def model() -> Iterator[None]:
    """Put the model in the place of engine and cloud."""

    def access(session: Session, projects: Any, _observer: Any) -> Any:
        users = [project.user for project in projects]
        keys = [each.key for system in session.plan.systems for each in system.credentials]
        return passwords(session.places, [*users, *keys])

    def rename(engine: Any, old: tuple[str, str], new: tuple[str, str]) -> None:
        path = checkpoint_path(engine.backend, *old)
        if path.exists():
            path.rename(checkpoint_path(engine.backend, *new))
            stacks = ModelPool.cloud.stacks
            stacks["/".join(new)] = stacks.pop("/".join(old))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stacks_module, "Pool", ModelPool)
        patch.setattr(engines_module, "check_cloud", lambda *_: None)
        patch.setattr(engines_module, "find_toolchain", lambda *_, **__: Tools())
        patch.setattr(engines_module, "environment", lambda *_: {})
        patch.setattr(engines_module, "prepare_secrets", lambda _: None)
        patch.setattr(stacks_module, "rename_stack", rename)
        # What runs that died leave is another matter: here they fail, but never die.
        patch.setattr(stacks_module, "recover", lambda *_, **__: frozenset())
        patch.setattr(run_module, "open_access", access)
        for module in (provision_module, down_module):
            patch.setattr(module, "check_empty", lambda *_, **__: None)
        yield


class Tools:
    """A toolchain that nobody runs."""

    class Pulumi:
        path = Path("pulumi")
        version = "3.259.0"

    pulumi = Pulumi()


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(steps, min_size=1, max_size=4))
def test_skipping_never_changes_the_cloud(story: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "yunzhou")
        lazy = World(Path(folder, "lazy"), root, everything=False)
        busy = World(Path(folder, "busy"), root, everything=True)
        wish = Wish()
        for step in [Step(("offices", 1)), *story, Step(story[-1].edit)]:
            wish = dataclasses.replace(wish, **dict([step.edit]))
            wish.write(root)
            site = load_site(root, "sandbox")
            lazy.run(site, step)
            busy.run(site, step)
        assert lazy.cloud.stacks == busy.cloud.stacks
        lazy.run(site, Step(story[-1].edit))
        assert lazy.cloud.ran == [], "and then there is nothing left to do"


def test_what_is_removed_goes_after_what_depends_on_it(tmp_path: Path) -> None:
    """Also where the site knows none of it any more: the edges are those of the last records."""
    root = tmp_path / "yunzhou"
    Wish().write(root)
    world = World(tmp_path / "state", root, everything=False)
    site = load_site(root, "sandbox")
    world.run(site, Step(("offices", 1)))
    world.cloud.ran = []
    bare = dataclasses.replace(site, systems=(), flows=())
    world.run(bare, Step(("offices", 1)))
    ran = world.cloud.ran
    assert ran.index("app-hal") < ran.index("app-oa") < ran.index("dat-rdb")
    assert ran[-1] == "platform", "its projects go last"
    assert set(world.cloud.stacks) == {"infrastructure/platform"}
