"""Extracted values as text and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ingest.tail.stages.values import number_of, text_of


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        ("x", "x", None),
        ("1.5", "1.5", 1.5),
        ("250ms", "250ms", 0.25),
        ("0x10", "0x10", None),
        (True, "true", 1.0),
        (False, "false", 0.0),
        (12, "12", 12.0),
        (12345678901234567890, "12345678901234567000", 12345678901234567890.0),
        (1e21, "1000000000000000000000", 1e21),
        (1e-7, "0.0000001", 1e-7),
        (None, None, None),
        ([1], None, None),
    ],
)
def test_values(value: Any, text: str | None, number: float | None) -> None:
    assert text_of(value) == text
    assert number_of(value) == number
