"""The page about roles says what the roles say of themselves."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_page_is_what_the_roles_say() -> None:
    spec = importlib.util.spec_from_file_location("roles", DOCS / "roles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (DOCS / "roles.md").read_text(encoding="utf-8")
    assert written == module.page(), "run: python docs/roles.py"
