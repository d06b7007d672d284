"""Cities on a paper cloud: copies of the reference city, or made of as many systems as wanted."""

import os
import shutil
import string
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import paper_cloud

from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.site.load import load_site

CHECKOUT: Final = Path(__file__).resolve().parent.parent
REFERENCE: Final = CHECKOUT / "inventories" / "yunzhou"
SMALL: Final = CHECKOUT / "tests" / "data" / "sites" / "yunzhou"
GOVSTACK: Final = Path(sys.executable).parent / "govstack"
CLOUD: Final = "paper"
LOOK_SECONDS: Final = 0.02
"""How often processes are looked at: what one computes after its last look is not counted."""

MEMORY_LOOKS: Final = 5
"""With every so many looks memory is added up, too."""

TICKS: Final = os.sysconf("SC_CLK_TCK")

ENVIRONMENT: Final = """\
profile: openstack
capabilities: {load_balancer: nodes}
cloud: paper
external_network: public
disposable: true
"""
CLOUDS: Final = """\
clouds:
  paper:
    region_name: RegionOne
    auth:
      auth_url: ADDRESS/identity/v3
      username: admin
      password: paper
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
"""
SYSTEM: Final = """\
id: {id}
name: {id}
layer: application-support
tenant: dsjj
domain: office
mlps: 3
owner: benchmark
importance: important
data_class: important
nodes:
  app: {{zone: PUB, count: {nodes}, flavor: {flavor}, image: linux}}
offers:
  https: {{role: app, port: tcp/443}}
uses: [{uses}]
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took: seconds, seconds of computing, most memory of all processes in MiB.

    Computing tells more than time where others use the machine as well.
    """

    seconds: float
    computing: float
    memory: float


@dataclass(frozen=True, slots=True)
class City:
    """A site of its own, with its state, on a paper cloud."""

    site: Path
    environment: str
    state: Path
    clouds: Path

    @property
    def plan(self) -> Plan:
        """Return the plan, as the site stands now."""
        return make_plan(load_site(self.site, self.environment))

    def run(self, *arguments: str) -> Run:
        """Run govstack on the city."""
        command = [str(GOVSTACK), "--quiet", "--site", str(self.site), "-e", self.environment]
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
            "GOVSTACK_STATE_HOME": str(self.state),
            "OS_CLIENT_CONFIG_FILE": str(self.clouds),
            "LANG": "C.UTF-8",
        }
        return watched([*command, *arguments], variables)

    def written(self, system: str, text: str) -> None:
        """Write the file of a system."""
        (self.site / "systems" / f"{system}.yaml").write_text(text, encoding="utf-8")


@contextmanager
def serving(folder: Path) -> Iterator[Path]:
    """Serve a paper cloud from a process of its own; yields its clouds.yaml."""
    program = [sys.executable, paper_cloud.__file__]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().strip() if server.stdout else ""
            clouds = folder / "clouds.yaml"
            clouds.write_text(CLOUDS.replace("ADDRESS", address), encoding="utf-8")
            yield clouds
        finally:
            server.terminate()


def reference_city(folder: Path, clouds: Path, *overlays: str) -> City:
    """Return a copy of the reference city with these overlays."""
    site = folder / f"{'-'.join(overlays)}" / "yunzhou"
    shutil.copytree(REFERENCE, site)
    text = f"{ENVIRONMENT}overlays: [{', '.join(overlays)}]\n"
    (site / "environments" / "paper.yaml").write_text(text, encoding="utf-8")
    return City(site, "paper", folder / "state" / "-".join(overlays), clouds)


def made_city(folder: Path, clouds: Path, *, systems: int, nodes: int) -> City:
    """Return a city of so many systems of so many nodes, each of which uses the one before."""
    name = f"made-{systems}-{nodes}"
    site = folder / name / "yunzhou"
    shutil.copytree(SMALL, site, ignore=shutil.ignore_patterns("systems", "addresses.yaml"))
    (site / "systems").mkdir()
    whole = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(whole[: whole.index("# What is not written")], encoding="utf-8")
    adopted = (SMALL / "environments" / "sandbox.yaml").read_text(encoding="utf-8")
    core = ENVIRONMENT.replace("profile: openstack\n", "profile: openstack-core\n")
    text = core + adopted[adopted.index("site:") :]
    (site / "environments" / "paper.yaml").write_text(text, encoding="utf-8")
    city = City(site, "paper", folder / "state" / name, clouds)
    for number in range(systems):
        city.written(named(number), system_text(number, nodes))
    city.run("allocate")
    return city


def system_text(number: int, nodes: int, *, flavor: str = "small") -> str:
    """Return the file of a system of a made city."""
    uses = f"{named(number - 1)}.https" if number else ""
    return SYSTEM.format(id=named(number), nodes=nodes, uses=uses, flavor=flavor)


def named(number: int) -> str:
    """Return the id of a system of a made city."""
    first, second = divmod(number, len(string.ascii_lowercase))
    return f"app-{string.ascii_lowercase[first]}{string.ascii_lowercase[second]}"


def watched(command: list[str], variables: dict[str, str], folder: Path | None = None) -> Run:
    """Run a command; ends with its words where it fails."""
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        env=variables,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        watch = _Watch(process.pid)
        watch.start()
        said = process.stdout.read() if process.stdout else ""
        process.wait()
        seconds = time.perf_counter() - started
        watch.ended.set()
        watch.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    return Run(seconds, watch.computing, watch.most)


class _Watch(threading.Thread):
    """Adds up what a process and all that come from it compute and hold, shared pages once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.most = 0.0
        self._known = {pid}
        self._ticks: dict[int, int] = {}

    @property
    def computing(self) -> float:
        return sum(self._ticks.values()) / TICKS

    def run(self) -> None:
        looks = 0
        while not self.ended.wait(LOOK_SECONDS):
            self._find()
            looks += 1
            if looks % MEMORY_LOOKS == 0:
                self.most = max(self.most, sum(_memory(pid) for pid in self._known) / 1024)

    def _find(self) -> None:
        # Who is known stays known: a worker's parent may have ended before it.
        all_ = {pid: (parent, ticks) for pid, parent, ticks in _processes()}
        while found := {p for p, each in all_.items() if each[0] in self._known} - self._known:
            self._known |= found
        self._ticks |= {pid: all_[pid][1] for pid in self._known & all_.keys()}


def _processes() -> Iterator[tuple[int, int, int]]:
    """Yield all processes with their parents and what they have computed."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError):
                state = (folder / "stat").read_bytes().rsplit(b")", 1)[1].split()
                yield int(folder.name), int(state[1]), int(state[11]) + int(state[12])


def _memory(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
