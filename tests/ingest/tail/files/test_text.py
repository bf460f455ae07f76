"""Blocks as lines, in all encodings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.ingest.tail.files.text import TextFormat, text_format

LINES = ["one", "zwölf", "日本", "", "end"]
NAMES = ("", "utf-8", "utf-16le", "utf-16be", "utf-32le", "iso-8859-15", "windows-1252", "gb18030")


@pytest.mark.parametrize("name", NAMES)
def test_lines_of_all_encodings(name: str) -> None:
    codec = name or "utf-8"
    lines = [line for line in LINES if line.encode(codec, "ignore").decode(codec) == line]
    data = "".join(line + "\n" for line in lines).encode(codec)
    form = text_format(name)
    assert form.end_of_lines(data) == len(data)
    assert form.texts(data) == lines
    assert [line.decode() for line in form.lines(data)] == lines
    ends = form.ends(data)
    assert [data[a:b].decode(codec) for a, b in zip([0, *ends], ends, strict=False)] == [
        line + "\n" for line in lines
    ]


@pytest.mark.parametrize("name", ["utf-16le", "utf-16be"])
def test_a_newline_byte_within_a_character_ends_no_line(name: str) -> None:
    form = text_format(name)
    data = "ऊ\u0a0a\n\u0a00x".encode(name)
    end = len("ऊ\u0a0a\n".encode(name))
    assert form.end_of_lines(data) == end
    assert form.end_of_first_line(data) == end
    assert form.texts(data[:end]) == ["ऊ\u0a0a"]


def test_a_byte_order_mark_decides_and_is_dropped() -> None:
    data = "a\nb\n".encode("utf-16")
    form = text_format("utf-16", data[:4])
    assert form.texts(data) == ["a", "b"]
    assert text_format("utf-16", b"\0a").codec == "utf-16-be"


def test_what_is_no_utf_8_is_replaced() -> None:
    assert list(TextFormat().lines(b"a\xffb\nc\n")) == ["a�b".encode(), b"c"]
    assert TextFormat().texts(b"a\xffb\nc\n") == ["a�b", "c"]


def test_carriage_returns_at_ends_are_dropped() -> None:
    assert list(TextFormat().lines(b"a\r\nb\rc\r\n")) == [b"a", b"b\rc"]
    assert TextFormat().texts(b"a\r\nb\rc\r\n") == ["a", "b\rc"]
    assert TextFormat().ends(b"a\r\nb\rc\r\n") == [3, 8]


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(BadInput, match="unknown encoding 'klingon'"):
        text_format("klingon")


@given(body=st.binary(max_size=200), is_whole=st.booleans())
def test_lines_texts_and_ends_agree(body: bytes, *, is_whole: bool) -> None:
    data = body + (b"\n" if is_whole or not body else b"")
    form = TextFormat()
    texts = form.texts(data)
    assert [line.decode() for line in form.lines(data)] == texts
    assert len(form.ends(data)) == len(texts)
    assert form.ends(data)[-1] == len(data)
