"""Programs built from the Go modules that ship with us, pinned by their go.sum.

The user's own settings hold: GOPROXY, GOFLAGS, GONOSUMDB and the rest are inherited.
"""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from govstack.engine.toolchain import process
from govstack.engine.toolchain.cache import BUILD_FLAGS, LINK_FLAGS, sources
from govstack.engine.toolchain.changes import changed_modules
from govstack.engine.toolchain.go import Go
from govstack.engine.toolchain.model import PROVIDER, Recipe
from govstack.engine.toolchain.progress import Step
from govstack.engine.toolchain.tokens import read_tokens, sdk_folder
from govstack.errors import CapacityExceeded, ToolchainUnfit

FETCH_ATTEMPTS: Final = 3
"""What was fetched stays, so another attempt only asks for the rest."""

SHOWN_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Order:
    """What is built, by which Go, and who hears of it; `modules` is a copy of the sources."""

    recipe: Recipe
    version: str
    go: Go
    modules: Path
    step: Step


def build(recipe: Recipe, version: str, go: Go, *, aside: Path, step: Step) -> Path:
    """Build the program into a folder below `aside`; return that folder.

    Raises:
        CapacityExceeded: the disk is too small.
        ToolchainUnfit: the modules cannot be fetched or compiled.
    """
    require_space(recipe, aside, go)
    order = Order(recipe, version, go, aside / "sources", step)
    _copy(sources(recipe), order.modules)
    if recipe is PROVIDER:
        table = read_tokens(sdk_folder())
        (order.modules / "tokens.json").write_text(table.to_json(), encoding="utf-8")
    output = aside / "built"
    output.mkdir()
    _compile(order, output / recipe.binary, packages=_fetch(order))
    return output


def require_buildable(recipe: Recipe, version: str) -> None:
    """Check that the sources make the version that is needed.

    Raises:
        ToolchainUnfit: they make another one.
    """
    if version != recipe.builds:
        raise ToolchainUnfit(
            f"the {recipe.title} {version} cannot be built: "
            f"the sources that ship with us are those of {recipe.builds}",
            hint=f"pip install {recipe.distribution}=={recipe.builds}",
        )


def require_space(recipe: Recipe, folder: Path, go: Go) -> None:
    """Check that each disk that the build writes to has room for it.

    Raises:
        CapacityExceeded: one has not; says which and what to do.
    """
    for place in (folder, *_go_folders(go)):
        existing = next(parent for parent in (place, *place.parents) if parent.exists())
        free = shutil.disk_usage(existing).free
        if free < recipe.space:
            raise CapacityExceeded(
                f"building the {recipe.title} needs {recipe.space / 1e9:.1f} GB free for {place}, "
                f"and {free / 1e9:.1f} GB are",
                hint="free some space, or set GOCACHE and GOMODCACHE to folders on another disk",
            )


def _copy(folder: Path, target: Path) -> None:
    """Copy the files of a folder, without its mode: what is installed may be read-only."""
    target.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            shutil.copyfile(path, target / path.name)


def _go_folders(go: Go) -> list[Path]:
    """Return where Go keeps modules and compiled packages."""
    answer = subprocess.run(  # noqa: S603 - the Go that we chose
        [go.path, "env", "GOCACHE", "GOMODCACHE"],
        cwd="/",
        env=dict(go.variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return [Path(line) for line in answer.stdout.splitlines() if Path(line).is_absolute()]


def _fetch(order: Order) -> int:
    """Fetch the modules that the program needs; return how many packages it is made of."""
    fetched: set[str] = set()
    packages: set[str] = set()

    def count(line: str) -> None:
        if line.startswith("go: downloading "):
            fetched.add(line)
            order.step.advance(f"fetching {line.split()[2]}", len(fetched))
        elif not line.startswith("go: "):
            packages.add(line)

    order.step.advance("fetching Go modules")
    for _ in range(FETCH_ATTEMPTS):
        ended = _go(order, ["list", "-deps", order.recipe.package], count)
        if ended.code == 0:
            return len(packages)
    raise ToolchainUnfit(
        f"the Go modules of the {order.recipe.title} cannot be fetched:\n{_said(ended)}",
        hint="see that GOPROXY (and GONOSUMDB, if your mirror has no checksum database) "
        "lead to a module mirror, then try again",
    )


def _compile(order: Order, output: Path, *, packages: int) -> None:
    compiled: set[str] = set()

    def count(line: str) -> None:
        if not line.startswith("go: "):
            compiled.add(line)
            order.step.advance(f"compiling {line}", len(compiled), packages)

    order.step.advance("compiling", 0, packages)
    recipe = order.recipe
    link = f"{LINK_FLAGS} -X {recipe.stamp.format(version=order.version)}"
    for module, folder in changed_modules(order.modules, partial(_module_folder, order)).items():
        _go(order, ["mod", "edit", f"-replace={module}={folder}"], count)
    command = ["build", "-v", *BUILD_FLAGS, "-ldflags", link, "-o", str(output), recipe.package]
    ended = _go(order, command, count)
    if ended.code:
        raise ToolchainUnfit(
            f"the {recipe.title} cannot be built with Go {order.go.version}:\n{_said(ended)}",
            hint=f"try again; if it stays so, put {recipe.binary} {order.version} on PATH",
        )


def _module_folder(order: Order, module: str) -> Path:
    """Return where Go keeps a module, which has been fetched."""
    found: list[str] = []
    _go(order, ["list", "-m", "-f", "{{.Dir}}", module], found.append)
    return Path(found[-1] if found else module)


def _go(order: Order, arguments: Sequence[str], on_line: Callable[[str], None]) -> process.Ended:
    """Run Go on the modules, which no workspace of the user's surrounds."""
    return process.run(
        [str(order.go.path), *arguments],
        folder=order.modules,
        variables={**order.go.variables, "GOWORK": "off"},
        on_line=on_line,
    )


def _said(ended: process.Ended) -> str:
    return "\n".join(ended.tail[-SHOWN_LINES:])
