from __future__ import annotations

from typing import Any

from appliance.base.clock import ManualClock
from appliance.logql.ast import Pipeline
from appliance.logql.engine import Request
from appliance.logql.parser import parse
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.ui.logs.fields import find_fields
from tests.sources import Entry, PlainLogs, labels

LOGS = PlainLogs(
    {
        labels(app="shop"): [
            Entry(1, '{"msg":"a","ms":5,"ok":{"deep":true}}', (("pod", "p-1"),)),
            Entry(2, '{"msg":"b","ms":7}', (("pod", "p-1"),)),
            Entry(3, '{"msg":"b","ms":7}', (("pod", "p-2"),)),
        ],
        labels(app="auth"): [
            Entry(4, 'level=info user=u1 msg="signed in"'),
            Entry(5, 'level=warn user=u2 msg="refused"'),
            Entry(6, "GET /x?a=b HTTP/1.1"),
        ],
    }
)


def found(text: str, limit: int = 100) -> dict[str, Any]:
    query = parse(text)
    assert isinstance(query, Pipeline)
    request = Request(start_ns=0, end_ns=10, limit=limit)
    guard = QueryGuard(QueryLimits(), ManualClock())
    return find_fields(query, LOGS, request, guard).as_json()


def by_name(document: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field for field in document["fields"]}


def test_labels_metadata_and_fields_with_their_values() -> None:
    document = found('{app=~".+"}')
    fields = by_name(document)

    assert document["lines"] == 6
    assert fields["app"]["origin"] == "label"
    assert sorted(fields["app"]["values"]) == [["auth", 3], ["shop", 3]]
    assert (fields["pod"]["origin"], fields["pod"]["lines"]) == ("metadata", 3)
    assert fields["pod"]["values"] == [["p-1", 2], ["p-2", 1]]
    assert (fields["ms"]["parser"], fields["ms"]["type"]) == ("json", "int")
    assert fields["ms"]["values"] == [["7", 2], ["5", 1]]
    assert fields["ok_deep"]["values"] == [["true", 1]]


def test_fields_of_logfmt_but_not_of_prose() -> None:
    fields = by_name(found('{app="auth"}'))

    assert (fields["user"]["parser"], fields["user"]["lines"]) == ("logfmt", 2)
    assert fields["level"]["values"] == [["warn", 1], ["info", 1]]
    assert not any("HTTP" in name or "GET" in name for name in fields)


def test_the_querys_own_parser_counts() -> None:
    fields = by_name(found('{app="auth"} | pattern `<verb> <path> <_>`'))

    assert fields["verb"]["origin"] == "parsed"
    assert fields["verb"]["parser"] == ""
    assert "user" not in fields


def test_only_the_newest_lines_are_looked_at() -> None:
    assert found('{app=~".+"}', limit=2)["lines"] == 2
    assert found('{app="none"}') == {"lines": 0, "fields": []}


def test_fields_are_those_of_the_newest_entries_alone() -> None:
    document = found('{app=~".+"}', limit=3)
    fields = by_name(document)
    assert document["lines"] == 3
    assert "ms" not in fields  # of older lines
    assert fields["user"]["lines"] == 2
