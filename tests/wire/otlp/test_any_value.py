"""Python values as AnyValue messages."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from appliance.model.trace import AttributeValue
from appliance.wire.otlp.any_value import encode_value
from appliance.wire.otlp.values import to_value


@pytest.mark.parametrize(
    "value",
    ["", "text", True, False, 0, -(2**63), 0.0, 1.5, b"", b"\0", [], [1, "x"], {}, {"a": [{}]}],
)
def test_values_come_back(value: AttributeValue) -> None:
    back = to_value(AnyValue.FromString(encode_value(value)))
    assert (back, type(back)) == (value, type(value))


def test_none_is_no_value() -> None:
    assert encode_value(None) == b""


def test_integers_beyond_64_bits_and_deep_nesting_become_text() -> None:
    assert AnyValue.FromString(encode_value(2**63)).string_value == str(2**63)
    deep: Any = "end"
    for _ in range(200):
        deep = [deep]
    back = AnyValue.FromString(encode_value(deep))
    for _ in range(16):
        back = back.array_value.values[0]
    assert back.string_value.startswith("[[")
