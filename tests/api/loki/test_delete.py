"""Loki's HTTP API: deletion of entries; the real store and the real deleter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from appliance.api.loki.delete import DELETIONS
from appliance.api.loki.routes import LokiDeps, make_app
from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.log_deletion import LogDeleter
from appliance.model.log import LogChunk, StreamBatch
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from tests.api.serving import Client, http_deps, serving
from tests.sources import labels, make_guard

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows
PATH = "/loki/api/v1/delete"


@dataclass
class Rig:
    """A server over a store with ten lines a second apart, the last one now."""

    client: Client
    store: LogStore
    deleter: LogDeleter

    def lines(self) -> list[str]:
        matchers = (Matcher("app", MatchOp.EQUAL, "x"),)

        def work(chunk: LogChunk) -> list[str]:
            return [chunk.line(row).decode() for row in range(len(chunk))]

        source = self.store.source("anonymous")
        found = source.scan(matchers, 0, 2 * NOW, make_guard(), work=work)
        return [line for part in found for line in part]

    async def delete(self, status: int = 204, **given: str) -> str:
        answer = await self.client.post(PATH, params=given)
        assert answer.status == status, answer.text
        return answer.text

    async def listed(self) -> list[dict[str, Any]]:
        answer = await self.client.get(PATH)
        assert answer.status == 200
        found: list[dict[str, Any]] = json.loads(answer.text)
        return found


@asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[Rig]:
    clock = ManualClock()
    store = LogStore(
        folder / "logs.db",
        LogOptions(),
        database=DatabaseOptions(),
        clock=clock,
        telemetry=Telemetry(),
    )
    times = NOW - np.arange(9, -1, -1, dtype=np.int64) * S
    lines = [b"line %d %s" % (n, b"secret" if n % 2 else b"plain") for n in range(10)]
    store.append("anonymous", [StreamBatch(labels(app="x"), times, lines)]).result()
    deleter = LogDeleter(store)
    app = make_app(http_deps(), LokiDeps(store.source, Mock()))
    app[DELETIONS] = deleter
    try:
        async with serving(app) as client:
            yield Rig(client, store, deleter)
    finally:
        store.close()


def at(seconds_ago: int) -> str:
    return str(NOW // S - seconds_ago)


async def test_pages_of_other_sites_delete_nothing(tmp_path: Path) -> None:
    given = {"query": '{app="x"}', "start": at(8), "end": at(2)}
    foreign = {"Origin": "http://evil.example"}
    async with rig(tmp_path) as here:
        asked = await here.client.post(PATH, params=given, headers=foreign)
        await here.client.post(PATH, params=given)
        (number,) = (one["request_id"] for one in await here.listed())
        cancelled = await here.client.request(
            "DELETE", PATH, params={"request_id": number}, headers=foreign
        )
        assert len(await here.listed()) == 1
    assert (asked.status, cancelled.status) == (403, 403)


async def test_entries_are_gone_and_the_proof_is_kept(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.delete(query='{app="x"} |= "secret"', start=at(8), end=at(2))
        (waiting,) = await here.listed()
        assert await here.deleter.work()
        (done,) = await here.listed()

        assert here.lines() == [f"line {n} plain" for n in (0, 2, 4, 6)] + [
            "line 8 plain",
            "line 9 secret",
        ]
    assert waiting["status"] == "received"
    assert (waiting["deleted"]["entries"], waiting["deleted"]["erased"]) == (0, False)
    assert done == {
        "request_id": waiting["request_id"],
        "start_time": NOW // S - 8,
        "end_time": NOW // S - 2,
        "query": '{app="x"} |= "secret"',
        "status": "processed",
        "created_at": NOW // S,
        "processed_at": NOW // S,
        "deleted": {
            "entries": 4,
            "bytes": 4 * len("line 1 secret\n"),
            "streams": 1,
            "oldest": str(NOW - 8 * S),
            "newest": str(NOW - 2 * S),
            "erased": True,
        },
    }


async def test_a_selector_alone_deletes_all_of_its_streams(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.delete(query='{app="x"}', start="2023-11-14T22:13:11Z")
        await here.deleter.work()
        assert here.lines() == []


async def test_a_request_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.delete(query='{app="x"}', start=at(9))
        (waiting,) = await here.listed()
        path = f"{PATH}?request_id={waiting['request_id']}"
        answer = await here.client.request("DELETE", path)
        again = await here.client.request("DELETE", path)
        await here.deleter.work()

        assert (answer.status, await here.listed(), len(here.lines())) == (204, [], 10)
    assert again.status == 404
    assert again.text == "could not find delete request with given id\n"


async def test_a_request_that_is_done_cannot_be_cancelled(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.delete(query='{app="x"}', start=at(9))
        (waiting,) = await here.listed()
        await here.deleter.work()
        path = f"{PATH}?request_id={waiting['request_id']}&force=true"
        answer = await here.client.request("DELETE", path)
    assert answer.status == 400
    assert answer.text.startswith("deletion of request which is in process or already processed")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "query not set"),
        ({"query": "{"}, "invalid query expression: parse error"),
        ({"query": 'rate({app="x"}[1m])'}, "invalid query expression: "),
        ({"query": '{app="x"}'}, "start time not set"),
        (
            {"query": '{app="x"}', "start": "yesterday"},
            "invalid start time: require unix seconds or RFC3339 format",
        ),
        (
            {"query": '{app="x"}', "start": at(9), "end": "1"},
            "invalid end time: require unix seconds or RFC3339 format",
        ),
        (
            {"query": '{app="x"}', "start": at(9), "end": at(-9)},
            "deletes in the future are not allowed",
        ),
        (
            {"query": '{app="x"}', "start": at(5), "end": at(9)},
            "start time can't be greater than or equal to end time",
        ),
        (
            {"query": '{app="x"}', "start": at(5), "end": at(5)},
            "start time can't be greater than or equal to end time",
        ),
        (
            {"query": '{app="x"} |= "a"', "start": at(9), "max_interval": "1x"},
            "invalid max_interval: valid time units are 's', 'm', 'h'",
        ),
        (
            {"query": '{app="x"} |= "a"', "start": at(9), "max_interval": "1h"},
            "max_interval can't be greater than the interval to be deleted (9s)",
        ),
    ],
)
async def test_mistakes(tmp_path: Path, given: dict[str, str], message: str) -> None:
    async with rig(tmp_path) as here:
        assert (await here.delete(400, **given)).startswith(message)
        assert await here.listed() == []
