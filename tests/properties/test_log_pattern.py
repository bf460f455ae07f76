"""Patterns are found in many lines at once as they are line by line."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.lines.label_name import decoded
from appliance.lines.pattern import parse_pattern
from appliance.lines.pattern_spans import hole_spans, places_of, span_column
from appliance.model.log import PlainLines

PATTERNS = st.lists(
    st.sampled_from(["<a>", "<b>", "<_>", "<c>", " ", "aa", "a", "aba", "=", "\n"]), max_size=7
).map("".join)
LINES = st.lists(
    st.lists(
        st.sampled_from([b"a", b"b", b"aa", b"aba", b" ", b"=", b"\n", b"\xff", b"xyz" * 4]),
        max_size=8,
    ).map(b"".join),
    max_size=12,
)


def is_one(text: str) -> bool:
    try:
        parse_pattern(text)
    except BadInput:
        return False
    return True


@given(PATTERNS.filter(is_one), LINES, st.data())
def test_all_at_once_or_one_by_one(text: str, lines: list[bytes], data: st.DataObject) -> None:
    pattern = parse_pattern(text)
    chosen = [name for name in pattern.names if data.draw(st.booleans())]
    captures = pattern.capturing(chosen)
    rows = np.array([row for row in range(len(lines)) if data.draw(st.booleans())], dtype=np.int64)
    plain = PlainLines.of(lines)
    starts, ends = plain.offsets[rows], plain.offsets[rows + 1] - 1

    spans = hole_spans(pattern, plain.text, starts, ends, chosen)
    columns = [span_column(plain.text, *places).texts() for places in spans]

    for place, row in enumerate(rows.tolist()):
        values: list[str | None] = [decoded(value) for value in captures(lines[row])]
        values += [None] * (len(chosen) - len(values))
        assert [column[place] for column in columns] == values


@given(st.text("ab", max_size=20), st.text("ab", min_size=1, max_size=4))
def test_places_of_a_string(text: str, wanted: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)
    expected = [at for at in range(len(text)) if text.startswith(wanted, at)]
    assert places_of(data, wanted.encode()).tolist() == expected
