"""Types and truth as Go sees them."""

from __future__ import annotations

import pytest

from appliance.gotemplate.times import Duration, Time
from appliance.gotemplate.values import Int64, SafeHtml, StringMap, Struct, fits, truth, type_name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "<nil>"),
        (True, "bool"),
        (1, "int"),
        (Int64(1), "int64"),
        (1.0, "float64"),
        ("a", "string"),
        (SafeHtml("a"), "template.HTML"),
        ({}, "map[string]interface {}"),
        (StringMap(), "map[string]string"),
        ([], "[]interface {}"),
        (Duration(1), "time.Duration"),
        (Time(0, "*time.Time"), "*time.Time"),
        (Struct("main.X"), "main.X"),
    ],
)
def test_names_of_types(value: object, name: str) -> None:
    assert type_name(value) == name
    assert fits(value, name) == (value is not None)


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", [], {}, Duration(0)])
def test_what_is_false(value: object) -> None:
    assert not truth(value)


@pytest.mark.parametrize(
    "value", [True, -1, float("nan"), "0", [0], {"a": 0}, Struct("x"), Time(0)]
)
def test_what_is_true(value: object) -> None:
    assert truth(value)
