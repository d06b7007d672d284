from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govstack.site.document import read_document
from govstack.site.flat import read_flat

DATA = Path(__file__).parent.parent / "data" / "sites"
LINES = st.sampled_from(
    [
        "core/10.0.0.1: yz-int-a-b-c-001",
        "core/10.0.0.0/26: app-oa@INT",
        "core/10.0.0.0/26: app-oa@INT  ",
        "core/10.0.0.2: true",
        "core/10.0.0.3: 7",
        "core/10.0.0.4:",
        "core/10.0.0.5: [a]",
        "core/10.0.0.6: 'a'",
        "core/10.0.0.7: a # b",
        "  core/10.0.0.8: a",
        "# a comment",
        "",
        "core/10.0.0.9: a: b",
        "café/10.0.0.9: a",
    ]
)


@pytest.mark.parametrize("site", ["yunzhou", "everything"])
def test_a_book_is_read_without_the_parser_as_by_it(site: str) -> None:
    path = DATA / site / "addresses.yaml"
    fast, slow = read_flat(path), read_document(path, [])
    assert fast == slow
    assert fast is not None
    assert slow is not None
    assert fast.places == slow.places


@given(lines=st.lists(LINES, max_size=5))
def test_what_is_read_at_all_is_read_as_by_the_parser(
    lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("book") / "addresses.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    fast = read_flat(path)
    if fast is not None:
        problems: list[object] = []
        assert fast == read_document(path, problems)  # type: ignore[arg-type] # only looked at
        assert problems == []
