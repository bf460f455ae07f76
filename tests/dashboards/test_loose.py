"""What fits is taken from JSON of unknown make."""

from __future__ import annotations

import pytest

from appliance.dashboards.loose import at, flag, integer, mappings, number, text, texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), (3, "3"), (2.0, "2"), (2.5, "2.5"), (True, "true"), (None, "-"), ([], "-")],
)
def test_texts(value: object, expected: str) -> None:
    assert text(value, "-") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), ("1.5", 1.5), ("", None), (True, None), ("nan", None), (1e999, None), ({}, None)],
)
def test_numbers(value: object, expected: float | None) -> None:
    assert number(value) == expected


def test_integers_are_bounded() -> None:
    assert [integer("7.9"), integer(2**60), integer(10**400)] == [7, None, None]


def test_lists_and_paths() -> None:
    assert texts(["a", 1, None, {}]) == ("a", "1")
    assert texts("a") == ("a",)
    assert mappings([{}, 1, {"a": 2}]) == [{}, {"a": 2}]
    assert at({"a": {"b": 1}}, "a", "b") == 1
    assert at({"a": 1}, "a", "b") is None
    assert [flag(1), flag(None, default=True)] == [False, True]
