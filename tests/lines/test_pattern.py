from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.lines.pattern import parse_line_pattern, parse_pattern


@pytest.mark.parametrize(
    ("pattern", "line", "values"),
    [
        ("<a> <_> <b>", b"1 2 3 4", [b"1", b"3 4"]),
        ("[<a>] <b>", b"[x] y", [b"x", b"y"]),
        ("[<a>] <b>", b"x] y", []),
        ("<a> - <b> - <c>", b"1 - 2", [b"1", b"2"]),
        ("<a> - <b>", b"no dash", [b"no dash"]),
        ("<a>", b"", []),
        ("<a>end", b"the end", [b"the "]),
    ],
)
def test_captures(pattern: str, line: bytes, values: list[bytes]) -> None:
    assert list(parse_pattern(pattern).capturing()(line)) == values


def test_only_chosen_values_are_taken() -> None:
    pattern = parse_pattern("<a> <b> <c>")

    assert list(pattern.capturing(["a", "c"])(b"1 2 3")) == [b"1", b"3"]
    assert list(pattern.capturing([])(b"1 2 3")) == []


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("none", "at least one capture is required"),
        ("<_>", "at least one capture is required"),
        ("<a><b>", "found consecutive capture '<a><b>': invalid expression"),
        ("<a> <a>", r"duplicate capture name \(a\): invalid expression"),
    ],
)
def test_patterns_that_are_none(pattern: str, error: str) -> None:
    with pytest.raises(BadInput, match=error):
        parse_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "line", "fits"),
    [
        ("<_>error<_>", b"an error here", True),
        ("<_>error<_>", b"error here", False),
        ("<_>error", b"an error", True),
        ("<_>error", b"an error here", False),
        ("", b"", True),
    ],
)
def test_line_patterns(pattern: str, line: bytes, fits: bool) -> None:  # noqa: FBT001
    assert parse_line_pattern(pattern).fits(line) is fits


def test_line_patterns_have_no_names() -> None:
    with pytest.raises(BadInput, match="named captures are not allowed: found '<a>'"):
        parse_line_pattern("<a> x")
