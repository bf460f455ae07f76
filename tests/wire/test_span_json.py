from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.model.trace import StoredSpan
from appliance.wire.span_json import group_spans, to_dict


def test_spans_are_grouped_by_resource_and_scope(
    span: Span, store: Callable[..., StoredSpan]
) -> None:
    groups = group_spans(
        [
            store(span, service="a"),
            store(span, service="b"),
            store(span, service="a", scope="other"),
            store(span, service="a"),
        ]
    )

    assert [[len(scoped.spans) for scoped in group.scope_spans] for group in groups] == [
        [2, 1],
        [1],
    ]
    assert groups[1].resource.attributes[0].value.string_value == "b"
    assert groups[0].scope_spans[1].scope.name == "other"


def test_json_is_protobufs_own_mapping(span: Span) -> None:
    span.status.code = (
        Span.DESCRIPTOR.file.message_types_by_name["Status"].enum_types[0].values[2].number
    )
    span.events.add(name="e", time_unix_nano=5).attributes.add(key="k").value.bytes_value = b"\xff"
    value = span.attributes.add(key="a").value
    value.array_value.values.add(bool_value=False)
    value.array_value.values.add(int_value=-5)
    value.array_value.values.add(kvlist_value={"values": [{"key": "x"}]})

    assert to_dict(span) == MessageToDict(span)


@pytest.mark.parametrize("number", [0.5, 2.0, float("inf"), float("-inf"), float("nan")])
def test_json_of_floats(number: float) -> None:
    value = AnyValue(double_value=number)

    assert to_dict(value) == MessageToDict(value)


def test_unknown_enum_values_stay_numbers() -> None:
    assert to_dict(Span.FromString(b"\x30\x4d")) == {"kind": 77}
