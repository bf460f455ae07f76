"""Values of TraceQL in answers."""

from __future__ import annotations

import math

import pytest
from opentelemetry.proto.common.v1.common_pb2 import KeyValueList

from appliance.traceql.static import FALSE, NIL, TRUE, Kind, Static, StaticValue, Status, Type
from appliance.wire.tempo_values import (
    fill_pairs,
    pairs_json,
    print_value,
    prom_labels,
    value_json,
)

CASES: list[tuple[Static, dict[str, object], str]] = [
    (NIL, {"stringValue": "nil"}, "nil"),
    (TRUE, {"boolValue": True}, "true"),
    (FALSE, {"boolValue": False}, "false"),
    (Static(Type.INT, -7), {"intValue": "-7"}, "-7"),
    (Static(Type.FLOAT, 1.0), {"doubleValue": 1.0}, "1.0"),
    (Static(Type.FLOAT, 3.5), {"doubleValue": 3.5}, "3.5"),
    (Static(Type.FLOAT, 1e21), {"doubleValue": 1e21}, "1e+21"),
    (Static(Type.FLOAT, math.inf), {"doubleValue": "Infinity"}, "+Inf.0"),
    (Static(Type.STRING, "a"), {"stringValue": "a"}, "a"),
    (Static(Type.DURATION, 1_500_000), {"stringValue": "1.5ms"}, "1.5ms"),
    (Static(Type.STATUS, Status.ERROR), {"stringValue": "error"}, "error"),
    (Static(Type.KIND, Kind.SERVER), {"stringValue": "server"}, "server"),
    (
        Static(Type.STRING_ARRAY, ("a", "b")),
        {"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}},
        "[a, b]",
    ),
    (Static(Type.INT_ARRAY, (1,)), {"arrayValue": {"values": [{"intValue": "1"}]}}, "[1]"),
    (Static(Type.FLOAT_ARRAY, ()), {"arrayValue": {}}, "[]"),
    (
        Static(Type.BOOLEAN_ARRAY, (True,)),
        {"arrayValue": {"values": [{"boolValue": True}]}},
        "[true]",
    ),
]


@pytest.mark.parametrize(("value", "document", "text"), CASES)
def test_values(value: Static, document: dict[str, object], text: str) -> None:
    assert value_json(value) == document
    assert print_value(value) == text.replace("+Inf.0", "+Inf")


def test_protobuf_has_the_same() -> None:
    from appliance.wire.span_json import to_dict

    message = KeyValueList()
    pairs = [("k", value) for value, _, _ in CASES]
    fill_pairs(message.values, pairs)
    assert to_dict(message)["values"] == pairs_json(pairs)


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([], "{}"),
        ([("span.foo", "b"), ("__name__", "rate")], '{__name__="rate", "span.foo"="b"}'),
        ([("a", 'say "x"\n\\')], '{a="say \\"x\\"\\n\\\\"}'),
        ([("a", ""), ("b", None)], '{a="<empty>", b="<nil>"}'),
    ],
)
def test_labels_as_prometheus_has_them(pairs: list[tuple[str, StaticValue]], text: str) -> None:
    made = [(key, NIL if value is None else Static(Type.STRING, value)) for key, value in pairs]
    assert prom_labels(made) == text
