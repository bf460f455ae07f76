"""Docker's stream as lines, however it is cut into pieces."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.ingest.tail.docker.frames import FrameReader
from appliance.ingest.tail.rfc3339 import parse_time


def frame(kind: int, text: bytes) -> bytes:
    return struct.pack(">BxxxL", kind, len(text)) + text


STREAM = b"".join(
    [
        frame(1, b"2026-01-01T00:00:00.5Z one\n"),
        frame(2, b"2026-01-01T00:00:01Z par"),
        frame(1, b"2026-01-01T00:00:02Z two\n"),
        frame(2, b"2026-01-01T00:00:03Z tial\n"),
        frame(1, b"no time\n"),
        frame(1, b"2026-01-01T00:00:04Z \n"),
    ]
)
LINES = [
    ("stdout", 1_767_225_600_500_000_000, b"one"),
    ("stdout", 1_767_225_602_000_000_000, b"two"),
    ("stderr", 1_767_225_601_000_000_000, b"partial"),
    ("stdout", 1_767_225_604_000_000_000, b""),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_pieces_give_the_same_lines(cuts: list[int]) -> None:
    reader, found = FrameReader(), []
    points = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(points):
        found += reader.feed(STREAM[start:end])
    assert [tuple(line) for line in found] == LINES
    assert reader.errors == 1


def test_what_has_no_end_is_given_at_the_end() -> None:
    reader = FrameReader()
    assert reader.feed(frame(1, b"2026-01-01T00:00:00Z cut o")) == []
    assert [line.line for line in reader.end()] == [b"cut o"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1970-01-01T00:00:00Z", 0),
        (b"2026-01-01T00:00:00.123456789Z", 1_767_225_600_123_456_789),
        (b"2026-01-01T00:00:00.1+02:00", 1_767_218_400_100_000_000),
        (b"2026-01-01T00:00:00-00:30", 1_767_227_400_000_000_000),
        (b"2026-13-01T00:00:00Z", None),
        (b"2026-01-01 00:00:00Z", None),
        (b"2026-01-01T00:00:00", None),
        (b"", None),
        (b"2026-01-01T00:00:00.12", None),
    ],
)
def test_times(text: bytes, expected: int | None) -> None:
    assert parse_time(text) == expected


def test_a_line_of_a_terminal_that_never_ends_is_cut() -> None:
    reader = FrameReader(has_terminal=True)
    assert reader.feed(b"2026-01-01T00:00:00Z ") == []
    for _ in range(40):
        assert reader.feed(b"\r working" * 10_000) == []
    (found,) = reader.feed(b"\nnever mind\n")
    assert len(found.line) <= 1 << 20
