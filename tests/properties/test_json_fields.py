"""Columns of JSON lines hold what the reader of single lines finds."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.json_fields import json_fields
from appliance.lines.json_line import BrokenLineError, walk
from appliance.model.log import PlainLines

KEYS = st.sampled_from(
    ["a", "b", "a.b", "a b", "é", "", " ", "0", 'q"q', "back\\", "a/b", "a_b", "c\u0001", "time"]
)
NUMBERS = st.sampled_from(
    ["0", "-0", "1.50", "1.5", "1e5", "-0.0", "12345678901234567890123", "1E400", "7", "0.10"]
)
STRINGS = st.sampled_from(
    [
        '""',
        '"x"',
        '"\\u0001"',
        '"\\"a\\":1"',
        '"\\ud83d\\ude00"',
        '"\\ufffd"',
        '"\ufffd"',
        '"{}"',
        '"a : b"',
        '"a\\\\"',
        '"5"',
        '"true"',
        '"[1"',
        '"\\/"',
        '"\\u00e9"',
        '"é"',
    ]
)
OTHERS = st.sampled_from(["null", "true", "false", "[]", "{}", '[{"a":1}]', '["a",[1]]'])


def _written(key: str, spaces: tuple[str, str], value: str) -> str:
    return f"{json.dumps(key, ensure_ascii=len(key) % 2 == 0)}{spaces[0]}:{spaces[1]}{value}"


def _objects(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    spaces = st.tuples(*[st.sampled_from(["", "", "", " "])] * 2)
    fields = st.lists(st.builds(_written, KEYS, spaces, inner), max_size=5)
    return fields.map(lambda texts: "{" + ",".join(texts) + "}")


VALUES = st.recursive(NUMBERS | STRINGS | OTHERS, _objects, max_leaves=6)
OBJECTS = _objects(VALUES).map(str.encode)
ODD = st.sampled_from(
    [
        b"",
        b"x",
        b'{"a":1',
        b'{"a":1}]',
        b'1},{"a":2',
        b'{"a":[[1',
        b"2]]}",
        b'{"a":1},{"b":2}',
        b'{"a":"\xff"}',
        b' {"a":1}',
        b'{"a":1} ',
        b'{"a":01}',
        b'{"a":"\\ud800"}',
        b'{"a":nul}',
        b'{"a":1}{"b":2}',
        b'"s"',
        b"[1]",
        b'{"a":"\t"}',
        b'{"a":1,"b":{"a":1.50}}',
        b'{"a":1.5}',
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    line = draw(OBJECTS)
    at = draw(st.integers(0, len(line)))
    return (
        line[:at] + draw(st.sampled_from([b"", b'"', b"{", b"}", b",", b"\\", b"\n"])) + line[at:]
    )


LINES = st.lists(OBJECTS | ODD | damaged(), max_size=12)


def expected(line: bytes) -> dict[str, str] | None:
    found: dict[str, str] = {}
    try:
        for name, value in walk(line):
            if name:
                found.setdefault(name, value)
    except BrokenLineError:
        return None
    return found


@given(LINES, st.none() | st.frozensets(st.sampled_from(["a", "b", "a_b", "a_a", "_", "time"])))
def test_regular_lines_have_the_labels_of_the_single_reader(
    lines: list[bytes], names: frozenset[str] | None
) -> None:
    plain = PlainLines.of(lines)

    fields = json_fields(plain.text, plain.offsets, names=names)

    irregular = set(fields.irregular.tolist())
    for row, line in enumerate(lines):
        columns = fields.columns.items()
        found = {name: text for name, c in columns if (text := c.get(row)) is not None}
        if row in irregular:
            assert found == {}
            continue
        wanted = expected(line)
        assert wanted is not None
        if names is not None:
            wanted = {name: text for name, text in wanted.items() if name in names}
            found = {name: text for name, text in found.items() if name in names}
        assert found == wanted


@given(LINES, st.data())
def test_chosen_rows_are_read_as_all_are(lines: list[bytes], data: st.DataObject) -> None:
    rows = sorted(data.draw(st.sets(st.integers(0, len(lines) - 1)))) if lines else []
    plain = PlainLines.of(lines)
    chosen = PlainLines.of([lines[row] for row in rows])

    fields = json_fields(plain.text, plain.offsets, np.array(rows, dtype=np.int64))
    alone = json_fields(chosen.text, chosen.offsets)

    assert fields.irregular.tolist() == alone.irregular.tolist()
    assert {n: c.texts() for n, c in fields.columns.items()} == {
        n: c.texts() for n, c in alone.columns.items()
    }
