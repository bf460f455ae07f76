"""Prometheus' HTTP API: queries, labels, series, envelopes, CORS."""

from __future__ import annotations

import gzip
import json
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from appliance.query.limits import QueryLimits
from tests.api.prometheus_app import T, prometheus_app
from tests.api.serving import Client, serving
from tests.sources import PlainSeries, labels

UP_A, UP_B = labels(name="up", job="a"), labels(name="up", job="b")
DOTTED = labels(name="a.b", job="a")
DATA = {
    "anonymous": PlainSeries(
        {
            UP_A: {T - 30_000: 1.0, T - 15_000: 0.5, T: 1.0},
            UP_B: {T - 30_000: 0.0, T: float("inf")},
            DOTTED: {T: 3.0},
        }
    ),
    "acme": PlainSeries({labels(name="theirs"): {T: 1.0}}),
}


def prometheus(**changes: Any) -> AbstractAsyncContextManager[Client]:
    series = {"series": lambda tenant: DATA.get(tenant, PlainSeries())}
    return serving(prometheus_app(changes, **series))


async def ask(path: str, **params: Any) -> Any:
    async with prometheus() as client:
        answer = await client.get("/api/v1" + path, params=params)
        assert answer.status == 200, answer.text
        assert answer.json["status"] == "success"
        return answer.json["data"]


async def refused(path: str, **params: Any) -> tuple[int, str, str]:
    async with prometheus() as client:
        answer = await client.get("/api/v1" + path, params=params)
    found = answer.json
    assert found["status"] == "error"
    return answer.status, found["errorType"], found["error"]


async def test_instant_vector_is_taken_now_unless_a_time_is_given() -> None:
    assert await ask("/query", query="up") == {
        "resultType": "vector",
        "result": [
            {"metric": {"__name__": "up", "job": "a"}, "value": [T / 1000, "1"]},
            {"metric": {"__name__": "up", "job": "b"}, "value": [T / 1000, "+Inf"]},
        ],
    }
    earlier = await ask("/query", query='up{job="a"}', time="2023-11-14T22:13:06Z")
    assert earlier["result"][0]["value"] == [1_699_999_986, "0.5"]


async def test_other_types_of_results() -> None:
    scalar = {"resultType": "scalar", "result": [5, "1.5"]}
    assert await ask("/query", query="1.5", time="5") == scalar
    assert (await ask("/query", query="'x'", time="5"))["resultType"] == "string"
    found = await ask("/query", query='up{job="a"}[30s]')
    assert found["resultType"] == "matrix"
    assert found["result"][0]["values"] == [[T / 1000 - 15, "0.5"], [T / 1000, "1"]]
    utf8 = await ask("/query", query='{"a.b"}')
    assert utf8["result"][0]["metric"]["__name__"] == "a.b"


async def test_range_query() -> None:
    found = await ask(
        "/query_range", query="up", start=f"{T / 1000 - 30}", end=f"{T / 1000}", step="15s"
    )
    assert found["resultType"] == "matrix"
    assert found["result"][0] == {
        "metric": {"__name__": "up", "job": "a"},
        "values": [[T / 1000 - 30, "1"], [T / 1000 - 15, "0.5"], [T / 1000, "1"]],
    }
    assert len(found["result"]) == 2


async def test_forms_are_read_like_urls() -> None:
    async with prometheus() as client:
        form = await client.post("/api/v1/query", data={"query": "2", "time": "7"})
        mixed = await client.post("/api/v1/query?query=2", data={"time": "7"})
        url = await client.post("/api/v1/query?query=2&time=7")
    assert form.json["data"]["result"] == [7, "2"]
    assert form.body == mixed.body == url.body


RANGE = {"query": "up", "start": "0", "end": "100", "step": "10"}
POINTS = (
    "exceeded maximum resolution of 11,000 points per timeseries."
    " Try decreasing the query resolution (?step=XX)"
)
BAD_STEP = "zero or negative query resolution step widths are not accepted. Try a positive integer"


@pytest.mark.parametrize(
    ("path", "params", "message"),
    [
        ("/query", {}, 'invalid parameter "query": unknown position: parse error: no expression'),
        ("/query", {"query": "up{"}, 'invalid parameter "query": 1:4: parse error: unexpected end'),
        (
            "/query",
            {"query": "1", "time": "x"},
            "invalid time value for 'time': cannot parse \"x\"",
        ),
        ("/query", {"query": "1", "timeout": "x"}, 'invalid parameter "timeout": cannot parse "x"'),
        ("/query", {"query": "1", "limit": "x"}, 'invalid parameter "limit"'),
        ("/query", {"query": "1", "lookback_delta": "x"}, "error parsing lookback delta duration"),
        ("/query_range", RANGE | {"start": "x"}, 'invalid parameter "start": cannot parse "x"'),
        (
            "/query_range",
            RANGE | {"end": ""},
            'invalid parameter "end": cannot parse "" to a valid',
        ),
        ("/query_range", RANGE | {"end": "-1"}, "end timestamp must not be before start time"),
        ("/query_range", RANGE | {"step": "0"}, f'invalid parameter "step": {BAD_STEP}'),
        ("/query_range", RANGE | {"step": "-1s"}, f'invalid parameter "step": {BAD_STEP}'),
        ("/query_range", RANGE | {"end": "110010"}, POINTS),
        ("/query_range", RANGE | {"query": "up[1m]"}, 'invalid expression type "range vector"'),
        ("/query_range", RANGE | {"query": "up{"}, 'invalid parameter "query": 1:4'),
        ("/series", {}, "no match[] parameter provided"),
        ("/series", {"match[]": "up{"}, 'invalid parameter "match[]": 1:4: parse error'),
        ("/series", {"match[]": "{}"}, "match[] must contain at least one non-empty matcher"),
        ("/labels", {"match[]": "up[1m]"}, "1:3: parse error"),
        ("/labels", {"start": "x"}, 'invalid parameter "start"'),
        ("/label/job/values", {"end": "x"}, 'invalid parameter "end"'),
        ("/format_query", {"query": "up{"}, 'invalid parameter "query": 1:4'),
    ],
)
async def test_errors(path: str, params: dict[str, str], message: str) -> None:
    status, kind, text = await refused(path, **params)
    assert (status, kind) == (400, "bad_data")
    assert message in text


async def test_as_many_points_as_allowed() -> None:
    found = await ask("/query_range", **RANGE | {"query": "1", "end": "110000"})
    assert len(found["result"][0]["values"]) == 11_001


async def test_limits_of_queries_have_their_own_type() -> None:
    async with prometheus(query_limits=QueryLimits(max_samples=3)) as client:
        answer = await client.get("/api/v1/query?query=up")
    assert answer.status == 422
    assert answer.json["errorType"] == "execution"
    assert "too many samples" in answer.json["error"]


async def test_labels_values_and_series() -> None:
    assert await ask("/labels") == ["__name__", "job"]
    assert await ask("/labels", **{"match[]": "nothing"}) == []
    assert await ask("/label/job/values") == ["a", "b"]
    assert await ask("/label/__name__/values", **{"match[]": '{job="a"}'}) == ["a.b", "up"]
    assert await ask("/label/U__jo_62_/values") == ["a", "b"]
    assert await ask("/label/U__jo_b/values") == []
    assert await ask("/label/no.such/values") == []
    assert await ask("/series", **{"match[]": "up"}) == [dict(UP_A), dict(UP_B)]
    many = [("match[]", "up"), ("match[]", '{"a.b"}'), ("match[]", "up")]
    async with prometheus() as client:
        answer = await client.get("/api/v1/series", params=many)
    assert len(answer.json["data"]) == 3


async def test_windows_of_look_ups() -> None:
    after = {"start": f"{T / 1000 + 1}"}
    assert await ask("/labels", **after) == []
    assert await ask("/label/job/values", end=f"{T / 1000 - 20}") == ["a", "b"]
    assert await ask("/series", **{"match[]": '{"a.b"}', "end": f"{T / 1000 - 1}"}) == []


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/query", {"query": "up"}),
        ("/query_range", {"query": "up", "start": "1699999990", "end": "1700000000", "step": "5"}),
        ("/series", {"match[]": "up"}),
        ("/label/job/values", {}),
        ("/labels", {}),
    ],
)
async def test_limit_truncates_with_a_warning(path: str, params: dict[str, str]) -> None:
    async with prometheus() as client:
        cut = (await client.get("/api/v1" + path, params=params | {"limit": "1"})).json
        whole = (await client.get("/api/v1" + path, params=params | {"limit": "2"})).json
    for found, count in ((cut, 1), (whole, 2)):
        data = found["data"]
        assert len(data["result"] if isinstance(data, dict) else data) == count
    assert cut["warnings"] == ["results truncated due to limit"]
    assert "warnings" not in whole


async def test_lookback_can_be_shortened() -> None:
    late = f"{T / 1000 + 60}"
    assert len((await ask("/query", query="up", time=late))["result"]) == 2
    assert (await ask("/query", query="up", time=late, lookback_delta="30s"))["result"] == []


async def test_tenants_are_apart() -> None:
    async with prometheus() as client:
        own = await client.get("/api/v1/label/__name__/values", headers={"X-Scope-OrgID": "acme"})
        bad = await client.get("/api/v1/labels", headers={"X-Scope-OrgID": "a/b"})
    assert own.json["data"] == ["theirs"]
    assert (bad.status, bad.json["errorType"]) == (400, "bad_data")


async def test_format_query() -> None:
    assert await ask("/format_query", query="up{ a='b'}") == 'up{a="b"}'


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nope", 404),
        ("GET", "/api/v2/query", 404),
        ("PUT", "/api/v1/query", 405),
        ("HEAD", "/api/v1/query", 405),
        ("DELETE", "/api/v1/labels", 405),
        ("POST", "/api/v1/label/job/values", 405),
    ],
)
async def test_paths_and_methods_that_are_not_there(method: str, path: str, status: int) -> None:
    async with prometheus() as client:
        answer = await client.request(method, path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    if method != "HEAD":
        assert answer.text == {404: "404 page not found\n", 405: "Method Not Allowed\n"}[status]


async def test_other_origins_may_read() -> None:
    async with prometheus() as client:
        origin = {"Origin": "http://grafana.example"}
        preflight = await client.request("OPTIONS", "/api/v1/query", headers=dict(origin))
        answer = await client.get("/api/v1/query?query=1", headers=dict(origin))
        wrong = await client.get("/api/v1/query?query=", headers=dict(origin))
        plain = await client.get("/api/v1/query?query=1")
        health = await client.get("/-/healthy", headers=dict(origin))
    assert preflight.status == 204
    for found in (preflight, answer, wrong):
        assert found.headers["Access-Control-Allow-Origin"] == "*"
        assert found.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
        assert found.headers["Vary"] == "Origin"
    for found in (plain, health):
        assert "Access-Control-Allow-Origin" not in found.headers


async def test_answers_are_compressed_for_who_can_read_them() -> None:
    async with prometheus() as client:
        headers = {"Accept-Encoding": "gzip"}
        answer = await client.get("/api/v1/query?query=1&time=5", headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body))["data"]["result"] == [5, "1"]


async def test_odd_bytes_in_a_url_are_answered() -> None:
    async with prometheus() as client:
        for path in (
            "/query?query=%ff",
            "/query?query=up%00",
            "/label/%ff/values",
            "/query?time=%ed%a0%80",
        ):
            answer = await client.get("/api/v1" + path)
            assert answer.status in {200, 400}, (path, answer.text)


async def test_statistics_of_a_query() -> None:
    found = await ask(
        "/query_range", query="up", start="1700000000", end="1700000030", step="15", stats="all"
    )
    samples = found["stats"]["samples"]
    assert samples["totalQueryableSamplesPerStep"] == [
        [1_700_000_000, 2],
        [1_700_000_015, 2],
        [1_700_000_030, 2],
    ]
    assert (samples["totalQueryableSamples"], samples["peakSamples"]) == (6, 2)
    assert found["stats"]["timings"]["evalTotalTime"] >= 0
    assert "stats" not in await ask("/query", query="up")
    basic = (await ask("/query", query="up", stats="true"))["stats"]["samples"]
    assert "totalQueryableSamplesPerStep" not in basic
