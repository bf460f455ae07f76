"""What Jaeger's query service does to a trace before it answers."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.wire.jaeger.adjust import adjust, spans_of
from appliance.wire.jaeger.mapping import warnings_of
from appliance.wire.span_json import group_spans
from tests.spans import PlainEvent, PlainLink, PlainSpan

SERVER, CLIENT = 2, 3


def adjusted(*spans: PlainSpan) -> list[Any]:
    groups = group_spans([span.stored() for span in spans])
    adjust(groups)
    return groups


def ids(groups: list[Any]) -> list[tuple[int, int]]:
    """Span and parent of each span."""
    return [
        (int.from_bytes(span.span_id), int.from_bytes(span.parent_span_id))
        for span in spans_of(groups)
    ]


def test_a_server_gets_an_id_of_its_own() -> None:
    groups = adjusted(
        PlainSpan(1, 8, kind=CLIENT, service="a"),
        PlainSpan(1, 8, kind=SERVER, service="b"),
        PlainSpan(1, 1, parent=8, kind=1, service="b"),
        PlainSpan(1, 5, kind=SERVER, service="c"),
    )
    assert ids(groups) == [(8, 0), (2, 8), (1, 2), (5, 0)]


def test_attributes_are_sorted_by_key_and_events_by_time() -> None:
    events = [PlainEvent("late", 9, {"z": 1, "a": 2}), PlainEvent("early", 5)]
    groups = adjusted(
        PlainSpan(1, 1, attributes={"b": 1, "a": 2}, resource={"a": 1}, events=events)
    )
    [span] = spans_of(groups)
    assert [item.key for item in span.attributes] == ["a", "b"]
    assert [item.key for item in groups[0].resource.attributes] == ["a", "service.name"]
    assert [event.name for event in span.events] == ["early", "late"]
    assert [item.key for item in span.events[1].attributes] == ["a", "z"]


def test_what_tells_the_library_moves_to_the_resource() -> None:
    told = {"telemetry.sdk.name": "otel", "telemetry.sdk.language": "go", "other": "x"}
    groups = adjusted(
        PlainSpan(1, 1, attributes=told, resource={"telemetry.sdk.language": "python"})
    )
    [span] = spans_of(groups)
    resource = {item.key: item.value.string_value for item in groups[0].resource.attributes}
    assert resource["telemetry.sdk.name"] == "otel"
    assert resource["telemetry.sdk.language"] == "python"
    assert warnings_of(span) == [
        "conflicting values between Span and Resource for attribute telemetry.sdk.language"
    ]
    keys = [item.key for item in span.attributes]
    assert keys[:2] == ["other", "telemetry.sdk.language"]


def test_addresses_that_are_numbers_become_text() -> None:
    given = {"ip": 0x01020304, "peer.ipv4": float(0x7F000001), "peer.port": 80}
    [span] = spans_of(adjusted(PlainSpan(1, 1, attributes=given)))
    found = {item.key: item.value for item in span.attributes}
    assert found["ip"].string_value == "1.2.3.4"
    assert found["peer.ipv4"].string_value == "127.0.0.1"
    assert found["peer.port"].int_value == 80


def test_links_that_lead_nowhere_are_dropped() -> None:
    [span] = spans_of(adjusted(PlainSpan(1, 1, links=[PlainLink(0, 5), PlainLink(7, 5)])))
    assert [link.trace_id[-1] for link in span.links] == [7]


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1e300, 2**63 - 1, True, "::1"])
def test_an_address_that_is_none_does_no_harm(odd: object) -> None:
    [span] = spans_of(adjusted(PlainSpan(1, 1, attributes={"ip": odd, "peer.ipv4": 0x7F000001})))
    assert span.attributes[1].value.string_value == "127.0.0.1"
