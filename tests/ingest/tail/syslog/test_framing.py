"""Where messages begin and end, however they are cut into pieces."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.ingest.tail.syslog.framing import Framing, datagram

MESSAGES = [b"<13>1 - - - - - - one", b"<14>1 - - - - - - two", b"<15>1 - - - - - - three"]


def feed_in_pieces(framing: Framing, data: bytes, cuts: list[int]) -> list[bytes]:
    points = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = []
    for start, end in itertools.pairwise(points):
        found += framing.feed(data[start:end])
    return found + framing.end()


@given(cuts=st.lists(st.integers(0, 80), max_size=6), is_ended=st.booleans())
def test_messages_on_lines(cuts: list[int], *, is_ended: bool) -> None:
    data = b"\n".join(MESSAGES) + (b"\r\n" if is_ended else b"")
    assert feed_in_pieces(Framing(100), data, cuts) == MESSAGES


@given(st.lists(st.integers(0, 90), max_size=6))
def test_counted_messages(cuts: list[int]) -> None:
    data = b"".join(b"%d %s" % (len(message), message) for message in MESSAGES)
    assert feed_in_pieces(Framing(100), data, cuts) == MESSAGES


@given(cuts=st.lists(st.integers(0, 250), max_size=6), is_counted=st.booleans())
def test_what_is_too_long_is_left_out_and_counted(cuts: list[int], *, is_counted: bool) -> None:
    messages = [MESSAGES[0], b"<13>" + b"x" * 100, MESSAGES[1]]
    if is_counted:
        data = b"".join(b"%d %s" % (len(message), message) for message in messages)
    else:
        data = b"".join(message + b"\n" for message in messages)
    framing = Framing(50)
    assert feed_in_pieces(framing, data, cuts) == MESSAGES[:2]
    assert framing.too_long == 1


def test_a_message_may_hold_newlines_when_it_is_counted() -> None:
    assert Framing(100).feed(b"8 <1>a\nb\nc") == [b"<1>a\nb\nc"]


@pytest.mark.parametrize("data", [b"hello\n", b"0 x", b" <13>", b"\x16\x03\x01"])
def test_another_framing_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="first byte"):
        Framing(100).feed(data)


def test_a_count_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="expecting a message length, found 'x3"):
        Framing(100).feed(b"3 <1>x3 <1>")


def test_a_datagram_needs_no_end() -> None:
    assert datagram(b"<13>hello", 100) == ([b"<13>hello"], 0)
    assert datagram(b"<13>hello\0", 100) == ([b"<13>hello"], 0)
    assert datagram(b"<1>a\n<2>b\n", 100) == ([b"<1>a", b"<2>b"], 0)
    assert datagram(b"<13>" + b"x" * 100, 100)[0] == []
