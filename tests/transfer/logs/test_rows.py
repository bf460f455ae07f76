"""Entries as lines of JSON, and as they come from a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.transfer.logs.rows import Row, looks_like_row, read_row, rows_of, write_row

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
pairs = st.dictionaries(texts, texts, max_size=2)


@given(st.builds(Row, pairs, st.integers(-(2**63), 2**63 - 1), texts, pairs))
def test_what_is_written_is_read(row: Row) -> None:
    written = write_row(row)
    assert read_row(written) == row
    assert looks_like_row(written)
    assert written.count(b"\n") == 1


def test_a_line() -> None:
    row = Row({"app": "x"}, 17, "hi", {"k": "v"})
    assert write_row(row) == (
        b'{"stream":{"app":"x"},"ts":"17","line":"hi","metadata":{"k":"v"}}\n'
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "no JSON: "),
        (b"[]", "no entry; write "),
        (b'{"stream":{},"ts":"1"}', '"line" is missing or no text'),
        (b'{"stream":{},"ts":"now","line":""}', "\"ts\" is 'now', not nanoseconds since 1970"),
        (b'{"stream":{},"ts":1.5,"line":""}', '"ts" is 1.5, not nanoseconds since 1970'),
        (b'{"stream":[1],"ts":"1","line":""}', '"stream" is no object of texts'),
        (b'{"stream":{"a":1},"ts":"1","line":""}', '"stream" is no object of texts'),
        (b'{"metadata":{"a":1},"ts":"1","line":""}', '"metadata" is no object of texts'),
    ],
)
def test_what_is_no_line(line: bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_row(line)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("line", [b"plain", b'{"msg":"x"}', b"[1]", b""])
def test_text_is_no_row(line: bytes) -> None:
    assert not looks_like_row(line)


def test_rows_of_an_answer() -> None:
    told = {"structuredMetadata": {"m": "1"}, "parsed": {"p": "2"}}
    streams = [{"stream": {"a": "b"}, "values": [["1", "x"], ["2", "y", told], ["3", "z", {}]]}]
    first, second, third = rows_of(streams)
    assert first == Row({"a": "b"}, 1, "x")
    assert second == Row({"a": "b"}, 2, "y", {"m": "1"}, {"p": "2"})
    assert second.labels == {"a": "b", "m": "1", "p": "2"}
    assert third == Row({"a": "b"}, 3, "z")
