"""Rules of the house that no tool checks."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from govstack import errors
from govstack.site.schema import MODELS, schema_of

CHECKOUT = Path(__file__).parent.parent.parent
SOURCES = sorted(
    path
    for folder in ("stacks", "cli", "sandbox/govstack_sandbox")
    for path in (CHECKOUT / folder).rglob("*.py")
)
LONGEST_MODULE = 320


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_engine_drives_pulumi() -> None:
    found = {
        path.relative_to(CHECKOUT / "stacks" / "govstack").parts[0]
        for path in (CHECKOUT / "stacks" / "govstack").rglob("*.py")
        if "pulumi.automation" in imports(path)
    }
    assert found == {"engine"}


def test_modules_are_short() -> None:
    long = {
        str(path.relative_to(CHECKOUT)): lines
        for path in SOURCES
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST_MODULE
    }
    assert long == {}


@pytest.mark.parametrize("kind", MODELS)
def test_the_schema_for_editors_is_that_of_the_code(kind: str) -> None:
    path = CHECKOUT / "docs" / "schema" / f"{kind}.json"
    assert json.loads(path.read_text(encoding="utf-8")) == schema_of(kind), "run: make schema"


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.GovstackError)
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {kind.exit_code for kind in kinds} <= {1, 2, 3, 4, 5, 6, 7, 10, 11, 130}


def test_documents_name_files_that_exist() -> None:
    pages = [
        CHECKOUT / "README.md",
        CHECKOUT / "CONTRIBUTING.md",
        *(CHECKOUT / "docs").rglob("*.md"),
    ]
    missing = [
        f"{page.relative_to(CHECKOUT)}: {target}"
        for page in pages
        for target in _links(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


def _links(text: str) -> Iterator[str]:
    for part in text.split("](")[1:]:
        yield part.split(")")[0].split("#")[0]
