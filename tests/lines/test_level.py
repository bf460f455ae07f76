"""Levels of many lines at once are those of each line by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.level import detect_levels
from appliance.lines.level_line import level_of_line
from appliance.model.labels import Labels
from appliance.model.log import Metadata, MetadataColumn

CASES = {
    b'{"level":"warn"}': "warn",
    b'{"time":1,"level": "WARNING"}': "warn",
    b'{"level":30,"msg":"request completed"}': "unknown",
    b'{"level":50,"msg":"request failed: connection error"}': "error",
    b'{"level":30,"err":null}': "error",
    b'{"a":{"level":"warn"}}': "warn",
    b'{"a":{"b":{"level":"fatal"}}}': "fatal",  # as a word, not as a field
    b'{"a":{"b":{"level":"wrn"}}}': "unknown",
    b'{"severity":"crit","level":"info"}': "info",
    b'{"severity":"fatal","level":"info"}': "fatal",
    b'{"level":"notice","msg":"all the info"}': "info",
    b'{"level":"Information"}': "info",
    b"level=info msg=error": "info",
    b"LEVEL=warn a=b": "warn",
    b'a="level=info" level=debug': "debug",
    b"lvl=warn level=error": "error",
    b"loglevel=dbg": "unknown",
    b'level="warn" x=1': "warn",
    b"2025-02-24 10:15:00,123 INFO root: python": "info",
    b"CRITICAL: disk full": "critical",
    b"terror": "unknown",
    b"errors and an err": "error",  # the first one that is a word
    b"some info on an error, a trace": "info",  # the first of all
    b"-l misc:error": "unknown",
    b"warning: disk": "warn",
    b"GET /error-page 500": "unknown",
    b"<error>": "unknown",
    b"x=error, [info]": "error",
    b"an error\r": "unknown",
    b"trace of an error": "trace",
    b"": "unknown",
}
PIECES = [
    "level",
    "LVL",
    "severity",
    '"',
    "=",
    ":",
    "{",
    "}",
    " ",
    "\\",
    "warn",
    "Error",
    "info",
    "x",
    ",",
    "/",
]


def detected(
    lines: list[bytes], labels: Labels | None = None, metadata: list[Metadata] | None = None
) -> list[str | None]:
    offsets = np.cumsum([0, *(len(line) + 1 for line in lines)])
    text = b"".join(line + b"\n" for line in lines)
    column = None if metadata is None else MetadataColumn.of(metadata)
    return detect_levels(text, offsets, labels or Labels(), column).texts()


@pytest.mark.parametrize(("line", "level"), CASES.items())
def test_level_of_a_line(line: bytes, level: str) -> None:
    assert level_of_line(line) == level


def test_all_lines_at_once() -> None:
    assert detected(list(CASES)) == list(CASES.values())


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=8))
def test_many_lines_are_as_each_line(lines: list[str]) -> None:
    encoded = [line.encode() for line in lines]
    assert detected(encoded) == [level_of_line(line) for line in encoded]


def test_label_holds_for_all_entries() -> None:
    found = detected([b"error", b"warn"], Labels.of({"level": "INF", "app": "x"}))
    assert found == ["info", "info"]


def test_metadata_comes_before_the_line() -> None:
    metadata: list[Metadata] = [
        (("severity_number", "13"),),
        (("lvl", "dbg"), ("severity_number", "13")),
        (),
        (("detected_level", "ERR"),),
        (("severity_number", "none"),),
        (("severity_number", "0"),),
    ]
    found = detected([b"error"] * 6, metadata=metadata)
    assert found == ["warn", "debug", "error", "error", "info", "unknown"]


def test_unknown_level_in_a_label_stays_as_it_is() -> None:
    assert detected([b"x"], Labels.of({"severity": "Notice"})) == ["Notice"]


def test_lines_that_begin_with_their_level() -> None:
    lines = [
        b'{"level":"WARN","severity":"error"}',
        b'{"level":"odd","msg":"an error"}',
        b'{"level":"in\\u0066o","msg":"x"}',
        b'{"level":"}',
        b'{"level":30,"severity":"error"}',
        b'{"level" :"info"}',
        b'{"level"}',
    ]

    assert detected(lines) == [level_of_line(line) for line in lines]
    assert detected(lines)[:3] == ["warn", "error", "info"]
