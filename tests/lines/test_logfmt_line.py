from __future__ import annotations

import pytest

from appliance.lines.json_line import BrokenLineError
from appliance.lines.logfmt_line import pairs, unquoted


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"a=1 b=x", [("a", b"1"), ("b", b"x")]),
        (b'a="x y" b=""', [("a", b"x y"), ("b", b"")]),
        (b"a= b c=3", [("a", b""), ("b", b""), ("c", b"3")]),
        (b'a="x"b=1', [("a", b"x"), ("b", b"1")]),
        (b'a="\\"q\\" \\u00fc\\n"', [("a", '"q" ü\n'.encode())]),
        (b"dup=1 dup=2", [("dup", b"1"), ("dup", b"2")]),
        (b"K-d=1 1n=2", [("K_d", b"1"), ("_1n", b"2")]),
        (b" \t a=1 ", [("a", b"1")]),
        (b"", []),
    ],
)  # fmt: skip
def test_pairs(line: bytes, found: list[tuple[str, bytes]]) -> None:
    assert list(pairs(line)) == found
    assert list(pairs(line, is_strict=True)) == found


@pytest.mark.parametrize(
    ("line", "found", "error"),
    [
        (b"foo=bar=buzz ok=1", [("ok", b"1")], "pos 8 : unexpected '='"),
        (b"=value ok=2", [("ok", b"2")], "pos 1 : unexpected '='"),
        (b'fo"o=bar ok=3', [("ok", b"3")], "pos 3 : unexpected '\"'"),
        (b'a=1 b="unclosed ok=4', [("a", b"1")], "pos 21 : unterminated quoted value"),
        (b'a="\\x" ok=5', [("ok", b"5")], "pos 7 : invalid quoted value"),
        (b"k\xff=1 ok=6", [("ok", b"6")], "pos 3 : invalid key"),
        (b"ok=1 =x", [("ok", b"1")], "pos 6 : unexpected '='"),
        (b'ok=1 "q"', [("ok", b"1")], "pos 6 : unexpected '\"'"),
        (b"key = value", [("key", b""), ("value", b"")], "pos 5 : unexpected '='"),
    ],
)  # fmt: skip
def test_faults_are_skipped_or_end_the_line(
    line: bytes, found: list[tuple[str, bytes]], error: str
) -> None:
    assert list(pairs(line)) == found
    with pytest.raises(BrokenLineError, match=f"logfmt syntax error at {error}"):
        list(pairs(line, is_strict=True))


def test_surrogates_without_a_partner_are_replaced() -> None:
    assert unquoted(b"\\ud83d\\ude00 \\ud83d") == "😀 \ufffd".encode()
