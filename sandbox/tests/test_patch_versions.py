"""Patches apply to the versions that were looked at, and to no others."""

import json
import re
import unittest
from importlib import metadata
from pathlib import Path

from govstack_sandbox.patches import versions

PATCHES = (
    "allocations",
    "barbican_sessions",
    "barbican_settings",
    "cinder_encryption",
    "cinder_service",
    "detach",
    "messaging",
    "octavia_sessions",
    "sqlite",
)
LOCK = Path(__file__).parent.parent / "requirements.lock"


class Versions(unittest.TestCase):
    def test_the_expected_version_is_accepted(self):
        versions.require({"cheroot": metadata.version("cheroot")})

    def test_another_version_is_refused_by_name(self):
        installed = metadata.version("cheroot")
        with self.assertRaises(versions.UnexpectedVersion) as caught:
            versions.require({"cheroot": "0.1"})
        self.assertEqual(
            str(caught.exception),
            f"cheroot {installed} is installed, but govstack patches 0.1: read the patch against "
            "the new code, run its test, then raise EXPECTED",
        )

    def test_every_patch_expects_what_the_lock_file_pins(self):
        pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)", LOCK.read_text(), re.MULTILINE))
        known = {name.lower().replace(".", "-"): version for name, version in pins.items()}
        for patch in PATCHES:
            text = (Path(versions.__file__).parent / f"{patch}.py").read_text()
            (expected,) = re.findall(r"^EXPECTED = (\{.*\})$", text, re.MULTILINE)
            for package, version in json.loads(expected).items():
                with self.subTest(patch=patch, package=package):
                    self.assertEqual(known[package.lower().replace(".", "-")], version)

    def test_every_patch_is_covered_here(self):
        folder = Path(versions.__file__).parent
        found = {path.stem for path in folder.glob("*.py")} - {"__init__", "versions"}
        self.assertEqual(found, set(PATCHES))
        for patch in PATCHES:
            self.assertTrue((Path(__file__).parent / f"test_patch_{patch}.py").exists(), patch)


if __name__ == "__main__":
    unittest.main()
