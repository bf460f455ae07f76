"""Columns of logfmt lines hold what the reader of single lines finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.label_name import value_text
from appliance.lines.logfmt_fields import logfmt_fields
from appliance.lines.logfmt_line import pairs
from appliance.model.log import PlainLines

KEYS = st.sampled_from(["a", "b", "a.b", "a_b", "é", "1", "\ufffd", "level", "-"])
VALUES = st.sampled_from(
    ["", "x", "1.5", '""', '"x y"', '"a=b c"', '"q\\"q"', '"é"', "é", '"\\u00e9"', '"\\ud83d"']
)
SPACES = st.sampled_from([" ", " ", " ", "  ", "\t", ""])
PAIRS = st.builds(lambda key, value, space: f"{key}={value}{space}", KEYS, VALUES, SPACES)
ODD = st.sampled_from(["word ", '"', "=", "=x ", 'a="', "a==b ", "\n", "\x01", "\x02 ", "  "])
PIECES = st.lists(PAIRS | PAIRS | PAIRS | ODD, max_size=6)
TAILS = st.sampled_from([b"", b"", b"", b"\xff", b" a=\xe2\x82", b' a="\xff"'])
LINES = st.lists(st.builds(lambda ps, t: "".join(ps).encode() + t, PIECES, TAILS), max_size=12)


def expected(line: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs(line):
        if name and value:
            found.setdefault(name, value_text(value))
    return found


@given(LINES, st.none() | st.frozensets(st.sampled_from(["a", "a_b", "_1", "level"])))
def test_regular_lines_have_the_labels_of_the_single_reader(
    lines: list[bytes], names: frozenset[str] | None
) -> None:
    plain = PlainLines.of(lines)

    fields = logfmt_fields(plain.text, plain.offsets, names=names)

    irregular = set(fields.irregular.tolist())
    for row, line in enumerate(lines):
        columns = fields.columns.items()
        found = {name: text for name, c in columns if (text := c.get(row)) is not None}
        wanted = expected(line)
        if names is not None:
            wanted = {name: text for name, text in wanted.items() if name in names}
        assert found == ({} if row in irregular else wanted)


@given(LINES, st.data())
def test_chosen_rows_are_read_as_all_are(lines: list[bytes], data: st.DataObject) -> None:
    rows = sorted(data.draw(st.sets(st.integers(0, len(lines) - 1)))) if lines else []
    plain = PlainLines.of(lines)
    chosen = PlainLines.of([lines[row] for row in rows])

    fields = logfmt_fields(plain.text, plain.offsets, np.array(rows, dtype=np.int64))
    alone = logfmt_fields(chosen.text, chosen.offsets)

    assert fields.irregular.tolist() == alone.irregular.tolist()
    assert {n: c.texts() for n, c in fields.columns.items()} == {
        n: c.texts() for n, c in alone.columns.items()
    }


def test_plain_lines_are_regular() -> None:
    plain = PlainLines.of(
        [b'level=info msg="a b=c" n=1', b"", b'msg="" level=warn', "é=ü".encode()]
    )

    fields = logfmt_fields(plain.text, plain.offsets)

    assert fields.irregular.tolist() == []
    assert fields.columns["msg"].texts() == ["a b=c", None, None, None]


def test_lines_that_end_within_the_keys_of_the_first() -> None:
    plain = PlainLines.of([b"a=1 b=2 c=3", b"a=4", b"b=5 c=6", b"a=7 b=8"])

    fields = logfmt_fields(plain.text, plain.offsets)

    assert {name: column.texts() for name, column in fields.columns.items()} == {
        "a": ["1", "4", None, "7"],
        "b": ["2", None, "5", "8"],
        "c": ["3", None, "6", None],
    }
