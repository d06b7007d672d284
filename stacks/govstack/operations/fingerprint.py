"""What a stack is made of, as digests: equal totals, nothing to do; other parts, the reason."""

import dataclasses
import functools
import hashlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from govstack.layers.program import Inputs, PlatformInputs
from govstack.plan.model import PlatformPlan, ProjectPlan, StackPlan
from govstack.resources import PACKAGE
from govstack.values.digest import keyed_digest
from govstack.values.secret import Secret

CODE: Final = "code"
SDKS: Final = {f"sdk.{name}": name for name in ("pulumi", "pulumi-openstack")}
OURS: Final = frozenset({CODE, *SDKS})
"""Parts that are govstack's own, and not the site's."""

SHORT: Final = 16
"""Digits that are kept of a part's digest: enough to tell whether it is another."""


class Fingerprint:
    """The digests of a stack's inputs, of the code that declares it, and of the SDKs."""

    def __init__(self, inputs: Inputs, key: Secret) -> None:
        self._inputs = inputs
        self._key = key
        self.total = keyed_digest((inputs, _own()), key)

    @functools.cached_property
    def parts(self) -> Mapping[str, str]:
        """Return a short digest of each part; they are seldom needed, so they are made late."""
        digests = {name: keyed_digest(value, self._key) for name, value in _parts(self._inputs)}
        return {name: digest[:SHORT] for name, digest in (digests | _own()).items()}


def fingerprint(inputs: Inputs, key: Secret) -> Fingerprint:
    """Return the digests of a stack's inputs, keyed, since there are secrets among them.

    Where the site lies is no input: files of images are named by their content.
    """
    if isinstance(inputs, PlatformInputs):
        inputs = dataclasses.replace(inputs, site_root=Path())
    return Fingerprint(inputs, key)


def _parts(inputs: Inputs) -> Iterator[tuple[str, object]]:
    yield from _plan_parts(inputs.plan)
    if isinstance(inputs, PlatformInputs):
        yield "passwords", inputs.passwords
        return
    for field in dataclasses.fields(inputs.platform):
        yield f"platform.{field.name}", getattr(inputs.platform, field.name)
    yield "passwords", inputs.secrets


def _plan_parts(plan: StackPlan) -> Iterator[tuple[str, object]]:
    for field in dataclasses.fields(plan):
        value = getattr(plan, field.name)
        if isinstance(value, ProjectPlan):
            for inner in dataclasses.fields(value):
                yield f"{field.name}.{inner.name}", getattr(value, inner.name)
        elif isinstance(plan, PlatformPlan) and field.name == "projects":
            for project in plan.projects:
                yield f"{field.name}.{project.system}", project
        else:
            yield field.name, value


@functools.cache
def _own() -> dict[str, str]:
    """Return the digests of what is govstack's own; it does not change while it runs."""
    content = hashlib.sha256()
    for path in sorted(Path(PACKAGE, "layers").glob("*.py")):
        content.update(path.name.encode())
        content.update(path.read_bytes())
    return {CODE: content.hexdigest()} | {part: version(name) for part, name in SDKS.items()}
