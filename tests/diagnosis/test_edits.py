"""Places in texts."""

from __future__ import annotations

from appliance.diagnosis.edits import Edit, Source, apply, diff, last_line

TEXT = "a:\n  - b: é 'x'   # one\n    c: |\n      two\n\n\nd: 'e'"


def test_nodes_are_found_by_path_and_shown_as_written() -> None:
    source = Source.of("f", TEXT)
    found = source.node("d")
    assert found is not None
    assert source.raw(found) == "'e'"
    assert source.node("a[0].c.x") is None
    assert source.node("a[1]") is None


def test_the_last_line_leaves_gaps_out() -> None:
    node = Source.of("f", TEXT.replace("c: |\n      two", "c:\n      two")).node("a")
    assert node is not None
    assert last_line(node) == 3


def test_lines_are_inserted_before_a_line_or_at_the_end() -> None:
    source = Source.of("f", TEXT)
    assert apply(TEXT, [source.inserted(0, "# x\n")]) == f"# x\n{TEXT}"
    assert apply(TEXT, [source.inserted(99, "f: 1\n")]) == f"{TEXT}\nf: 1"


def test_edits_that_overlap_wait() -> None:
    assert apply("abcdef", [Edit(2, 4, "X"), Edit(3, 5, "Y"), Edit(0, 1, ""), Edit(4, 4, "-")]) == (
        "bX-ef"
    )


def test_difference_of_texts_without_a_line_end() -> None:
    assert diff("f", "a\nb", "a\nc").splitlines()[2:] == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
