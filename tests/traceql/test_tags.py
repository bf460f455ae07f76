"""Names and values of tags."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.model.trace import Dictionary
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.ast import Attribute, Intrinsic, IntrinsicField, Scope
from appliance.traceql.lenient import parse_filter
from appliance.traceql.tag_values import values_of
from appliance.traceql.tags import ATTRIBUTE_SCOPES, TagRequest, tag_names, tag_values
from tests.spans import PlainColumns, PlainEvent, PlainItems, PlainLink, PlainSpan, PlainSpans

SPANS = [
    PlainSpan(
        1,
        1,
        "GET /",
        start_ns=1000,
        kind=2,
        attributes={"http.method": "GET", "n": 1, "tags": ["a", "b"], "mixed": [1, "a"]},
        resource={"region": "eu"},
        events=[PlainEvent("log", 1001, {"level": "warn"})],
        scope={"team": "x"},
        scope_version="2",
    ),
    PlainSpan(
        1,
        2,
        "query",
        "db",
        parent=1,
        start_ns=1100,
        status=2,
        status_message="oops",
        attributes={"n": 2.0, "n2": "1", "ok": True, "raw": b"\x01", "region": "span"},
        links=[PlainLink(9, 9, {"why": "batch"})],
    ),
    PlainSpan(2, 3, "job", "", start_ns=2000, attributes={"n": "one"}),
    PlainSpan(3, 4, "orphan", "db", parent=7, start_ns=3000),
]


def guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


def names(query: str = "", *, size: int = 3, **bounds: int) -> dict[str, list[str]]:
    request = TagRequest(filter=parse_filter(query) if query else None, **bounds)
    return tag_names(PlainSpans(SPANS, size), ATTRIBUTE_SCOPES, request, guard())


def values(field: Attribute | IntrinsicField, query: str = "", **bounds: int) -> list[str]:
    """`type:value` of each."""
    request = TagRequest(filter=parse_filter(query) if query else None, **bounds)
    found = tag_values(PlainSpans(SPANS), field, request, guard())
    return [f"{kind}:{text}" for kind, text in found]


def test_names_by_scope() -> None:
    assert names() == {
        "resource": ["region", "service.name"],
        "span": ["http.method", "mixed", "n", "n2", "ok", "raw", "region", "tags"],
        "event": ["level"],
        "link": ["why"],
        "instrumentation": ["team"],
    }


def test_names_of_spans_that_match() -> None:
    assert names("{ resource.service.name = `db` }", size=4) == {
        "resource": ["service.name"],
        # Tempo has a column of its own for http.method, and tells its name always.
        "span": ["http.method", "n", "n2", "ok", "raw", "region"],
        "link": ["why"],
    }
    assert names("{ name = `nothing` }") == {}


def test_names_are_bounded() -> None:
    assert [len(found) for found in names(limit=2).values()] == [2, 2, 1, 1, 1]
    assert names(size=1, max_stale=1)["resource"] == ["service.name"]


def test_names_of_a_time() -> None:
    assert names(start_ns=2000, end_ns=2001) == {"resource": ["service.name"], "span": ["n"]}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (Attribute("n", Scope.SPAN), ["float:2.0", "int:1", "string:one"]),
        (Attribute("tags", Scope.SPAN), ["string:a", "string:b"]),
        (Attribute("ok", Scope.SPAN), ["bool:true"]),
        (Attribute("mixed", Scope.SPAN), []),
        (Attribute("raw", Scope.SPAN), []),
        (Attribute("nope", Scope.SPAN), []),
        (Attribute("region"), ["string:eu", "string:span"]),
        (Attribute("region", Scope.RESOURCE), ["string:eu"]),
        (Attribute("level", Scope.EVENT), ["string:warn"]),
        (Attribute("why", Scope.LINK), ["string:batch"]),
        (Attribute("team", Scope.INSTRUMENTATION), ["string:x"]),
        (Attribute("service.name", Scope.RESOURCE), ["string:", "string:db", "string:shop"]),
        (
            IntrinsicField(Intrinsic.NAME),
            ["string:GET /", "string:job", "string:orphan", "string:query"],
        ),
        (IntrinsicField(Intrinsic.STATUS), ["keyword:error", "keyword:ok", "keyword:unset"]),
        (IntrinsicField(Intrinsic.STATUS_MESSAGE), ["string:", "string:oops"]),
        (IntrinsicField(Intrinsic.ROOT_NAME), ["string:", "string:GET /", "string:job"]),
        (IntrinsicField(Intrinsic.ROOT_SERVICE), ["string:", "string:shop"]),
        (IntrinsicField(Intrinsic.INSTRUMENTATION_NAME), ["string:tests"]),
        (IntrinsicField(Intrinsic.INSTRUMENTATION_VERSION), ["string:", "string:2"]),
        (IntrinsicField(Intrinsic.EVENT_NAME), ["string:log"]),
        (IntrinsicField(Intrinsic.DURATION), []),
        (IntrinsicField(Intrinsic.TRACE_ID), []),
    ],
)
def test_values(field: Attribute | IntrinsicField, expected: list[str]) -> None:
    assert values(field) == expected


@pytest.mark.parametrize(
    ("field", "query", "expected"),
    [
        (Attribute("n", Scope.SPAN), "{ status = error }", ["float:2.0"]),
        (Attribute("level", Scope.EVENT), "{ status = error }", []),
        (Attribute("level", Scope.EVENT), "{ kind = server }", ["string:warn"]),
        (Attribute("service.name", Scope.RESOURCE), "{ name = `job` }", ["string:"]),
        (IntrinsicField(Intrinsic.NAME), "{ name =~ `.*r.*` }", ["string:orphan", "string:query"]),
        (IntrinsicField(Intrinsic.ROOT_NAME), "{ name = `orphan` }", ["string:"]),
        (IntrinsicField(Intrinsic.ROOT_NAME), "{ name = `query` }", ["string:GET /"]),
        (IntrinsicField(Intrinsic.EVENT_NAME), "{ name = `query` }", []),
        (
            IntrinsicField(Intrinsic.STATUS),
            "{ name = `job` }",
            ["keyword:error", "keyword:ok", "keyword:unset"],
        ),
        (Attribute("n", Scope.SPAN), "garbage", ["float:2.0", "int:1", "string:one"]),
    ],
)
def test_values_of_spans_that_match(
    field: Attribute | IntrinsicField, query: str, expected: list[str]
) -> None:
    assert values(field, query) == expected


def test_values_are_bounded() -> None:
    every = values(IntrinsicField(Intrinsic.NAME))
    assert len(values(IntrinsicField(Intrinsic.NAME), limit=2)) == 2
    assert len(every) == 4
    assert len(values(Attribute("service.name", Scope.RESOURCE), max_stale=1)) < 4


def test_a_lot_of_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.traceql.tags._MOST_BYTES", 16)
    assert 0 < len(values(IntrinsicField(Intrinsic.NAME))) < 4


def test_names_that_no_event_has_are_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Dictionary(np.array([1], np.int32), ["", "log"])
    monkeypatch.setattr(PlainItems, "names", lambda _: names)
    field = IntrinsicField(Intrinsic.EVENT_NAME)
    assert values_of(field, PlainColumns(SPANS[:1]), None) == ["log"]
    assert values_of(field, PlainColumns(SPANS[:1]), np.array([False])) == []
