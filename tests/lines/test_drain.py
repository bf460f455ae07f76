"""Patterns of log lines."""

from __future__ import annotations

from collections import Counter

import pytest

from appliance.lines.drain import cluster, mask


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("took 12ms, 3.5 s and 45%", "took <_>, <_> s and <_>"),
        ("GET /items/42 HTTP/1.1", "GET /items/<_> HTTP/<_>"),
        ("api/v1 item42 sha256 utf8", "api/v1 item42 sha256 utf8"),
        ("10.1.2.3:8080 -> ::1", "<_> -> ::<_>"),
        ("id 2a6c6f5e-1b7c-4c2e-9f0e-2f6f6a1b2c3d end", "id <_> end"),
        ("id aa6c6f5e-1b7c-4c2e-9f0e-2f6f6a1b2c3d end", "id <_> end"),
        ("at 2025-01-02T03:04:05.678Z, 2025-01-02 03:04:05,6", "at <_>, <_>"),
        ("ptr 0x7f00beef trace deadbeef00112233 face dead", "ptr <_> trace <_> face dead"),
        ("size=3KB of 10GiB", "size=<_> of <_>"),
        ("2µs or 5us or 1h", "<_> or <_> or <_>"),
        ("one\ntwo 2", "one\ntwo <_>"),
        ("", ""),
    ],
)
def test_what_varies_is_masked(line: str, masked: str) -> None:
    assert mask(line.encode()).decode() == masked


def patterns(*lines: str, most: int = 100) -> list[tuple[int, str]]:
    weights = Counter(mask(line.encode()) for line in lines)
    return [(one.weight, one.text) for one in cluster(weights, most=most)]


def test_lines_of_one_form_are_one_pattern() -> None:
    lines = [
        f"user {name} logged in from 10.0.0.{n}" for n, name in enumerate(("ann", "bob", "eve"))
    ]

    assert patterns(*lines, "something else", "something else") == [
        (3, "user <_> logged in from <_>"),
        (2, "something else"),
    ]


def test_keys_stay() -> None:
    assert patterns("level=info msg=a", "level=info msg=b") == [(2, "level=info msg=<_>")]


def test_of_json_lines_the_message_counts() -> None:
    lines = [f'{{"n":{n},"msg":"sent {name} to {n}","x":"y"}}' for n, name in enumerate("abc")]

    assert patterns(*lines) == [(3, "<_>sent <_> to <_>")]


def test_lines_of_different_length_differ() -> None:
    assert len(patterns("a b c", "a b c d")) == 2


def test_the_most_frequent_come_first_and_only_so_many() -> None:
    lines = ["aa bb"] * 3 + ["cc dd ee"] * 5 + ["ff"]

    assert patterns(*lines, most=2) == [(5, "cc dd ee"), (3, "aa bb")]


def test_a_tree_does_not_grow_without_bounds() -> None:
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26)}x" for n in range(600)]

    found = patterns(*(f"{word} failed to start properly" for word in words))

    assert len(found) < 150
    assert (found[0][0], found[0][1]) == (500, "<_> failed to start properly")


def test_empty_and_very_long_lines_are_left_out() -> None:
    assert patterns("", "x" * 3001, "short") == [(1, "short")]
