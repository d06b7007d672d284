"""What a stack is made of, in one digest: equal digests, nothing to do."""

import dataclasses
import functools
import hashlib
from importlib.metadata import version
from pathlib import Path

from govstack.layers.program import Inputs, PlatformInputs
from govstack.resources import PACKAGE
from govstack.values.digest import keyed_digest
from govstack.values.secret import Secret


def fingerprint(inputs: Inputs, key: Secret) -> str:
    """Return the keyed digest of a stack's inputs, the code that declares it, and the SDKs.

    Where the site lies is no input: files of images are named by their content.
    """
    if isinstance(inputs, PlatformInputs):
        inputs = dataclasses.replace(inputs, site_root=Path())
    return keyed_digest(
        {
            "inputs": inputs,
            "code": _code(),
            "sdk": {name: version(name) for name in ("pulumi", "pulumi-openstack")},
        },
        key,
    )


@functools.cache
def _code() -> str:
    content = hashlib.sha256()
    for path in sorted((PACKAGE / "layers").glob("*.py")):
        content.update(path.name.encode())
        content.update(path.read_bytes())
    return content.hexdigest()
