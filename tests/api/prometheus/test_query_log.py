"""The query log, and answers that are sent while they are printed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from appliance.api import streamed
from appliance.api.prometheus.query_log import QueryLog
from appliance.base.clock import ManualClock
from tests.api.prometheus_app import T, prometheus_app
from tests.api.serving import serving
from tests.sources import PlainSeries, labels


async def test_every_query_is_a_line(tmp_path: Path) -> None:
    log = QueryLog(ManualClock())
    log.apply(str(tmp_path / "queries.log"))
    async with serving(prometheus_app(query_log=log)) as client:
        await client.get("/api/v1/query", params={"query": "up", "time": "5"})
        await client.get("/api/v1/query", params={"query": "up("})
        log.apply("")
        await client.get("/api/v1/query", params={"query": "unseen"})
    (line,) = (tmp_path / "queries.log").read_text().splitlines()
    entry = json.loads(line)
    assert entry["params"] == {"query": "up", "time": "5"}
    assert entry["httpRequest"]["path"] == "/api/v1/query"
    assert entry["ts"] == "2023-11-14T22:13:20.000Z"
    assert entry["stats"]["timings"]["execTotalTime"] >= 0


async def test_a_log_that_cannot_be_written_ends_and_queries_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = QueryLog(ManualClock())
    log.apply(str(tmp_path / "missing" / "queries.log"))
    async with serving(prometheus_app(query_log=log)) as client:
        for _ in range(2):
            assert (await client.get("/api/v1/query", params={"query": "up"})).status == 200
    assert len([r for r in caplog.records if "cannot be written" in r.getMessage()]) == 1


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_large_answers_are_sent_in_pieces(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    data = {labels(name="x", n=str(n)): {T: float(n)} for n in range(50)}
    params = {"query": "x", "start": str(T // 1000 - 60), "end": str(T // 1000), "step": "1"}
    app: dict[str, Any] = {"series": lambda _: PlainSeries(data)}
    async with serving(prometheus_app(**app)) as client:
        whole = (await client.get("/api/v1/query_range", params=params)).json
    monkeypatch.setattr(streamed, "_AT_ONCE_BYTES", 10)
    async with serving(prometheus_app(**app)) as client:
        headers = {"Accept-Encoding": encoding}
        answer = await client.get("/api/v1/query_range", params=params, headers=headers)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    body = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
    assert json.loads(body) == whole
    assert len(whole["data"]["result"]) == 50
