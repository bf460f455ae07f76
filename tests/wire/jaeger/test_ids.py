"""Trace ids as Jaeger reads and prints them."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.wire.jaeger.ids import parse_trace_id, print_trace_id


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1", "0" * 15 + "1"),
        ("ABCDEF", "0000000000abcdef"),
        ("1" + "0" * 16, "0" * 15 + "1" + "0" * 16),
        ("f" * 32, "f" * 32),
    ],
)
def test_there_and_back(text: str, shown: str) -> None:
    assert print_trace_id(parse_trace_id(text)) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'strconv.ParseUint: parsing "": invalid syntax'),
        ("x" * 17, 'strconv.ParseUint: parsing "x": invalid syntax'),
        ("1" * 33, "TraceID cannot be longer than 32 hex characters: " + "1" * 33),
    ],
)
def test_what_is_no_id(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_trace_id(text)
    assert caught.value.message == message
