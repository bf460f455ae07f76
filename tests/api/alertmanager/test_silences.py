"""`/api/v2/silences` and `/api/v2/silence/{id}`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from appliance.wire.alertmanager.times import print_time
from tests.api.alertmanager_app import HOUR_NS, Api, alertmanager_api

UNKNOWN = "8d6b3f1e-62d1-4a5f-9c8f-3a2b1c0d9e8f"
MINUTE_NS = 60 * 10**9


def silence(api: Api, **changes: Any) -> dict[str, Any]:
    """A silence of an hour on alerts with a=b."""
    now_ns = api.clock.now_ns()
    return {
        "matchers": [{"name": "a", "value": "b", "isRegex": False}],
        "startsAt": print_time(now_ns),
        "endsAt": print_time(now_ns + HOUR_NS),
        "createdBy": "me",
        "comment": "c",
        **changes,
    }


async def add(api: Api, **changes: Any) -> str:
    answer = await api.post("/api/v2/silences", silence(api, **changes))
    assert answer.status == 200, answer.text
    return str(answer.json["silenceID"])


async def test_a_silence_is_shown_as_it_was_made(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        matchers = [
            {"isEqual": False, "isRegex": True, "name": "az", "value": "x|y"},
            {"isEqual": True, "isRegex": False, "name": "ü b", "value": "c"},
        ]
        made = await add(api, matchers=matchers, annotations={"ticket": "17"})
        found = await api.get(f"/api/v2/silence/{made}")
        listed = await api.get("/api/v2/silences")
        now_ns = api.clock.now_ns()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made)
    assert found == {
        "id": made,
        "status": {"state": "active"},
        "updatedAt": print_time(now_ns),
        "annotations": {"ticket": "17"},
        "comment": "c",
        "createdBy": "me",
        "endsAt": print_time(now_ns + HOUR_NS),
        "matchers": matchers,
        "startsAt": print_time(now_ns),
    }
    assert listed == [found]


async def test_states_order_and_filters(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        now_ns = api.clock.now_ns()

        def at(minutes: int) -> str:
            return print_time(now_ns + minutes * MINUTE_NS)

        over = await add(api, endsAt=at(1))
        await api.clock.advance(120)
        later = await add(api, startsAt=at(20), endsAt=at(90))
        sooner = await add(api, startsAt=at(10), endsAt=at(99))
        long = await add(api, startsAt=at(2), endsAt=at(60), comment="x")
        short = await add(api, startsAt=at(2), endsAt=at(30))

        async def ids(query: str = "") -> list[str]:
            return [one["id"] for one in await api.get(f"/api/v2/silences{query}")]

        assert await ids() == [short, long, sooner, later, over]
        assert await ids("?expired=false&pending=false") == [short, long]
        assert await ids("?active=false") == [sooner, later, over]
        assert await ids("?filter=a%3Db&expired=false") == [short, long, sooner, later]
        assert await ids("?filter=a%3D~b") == []


async def test_to_end_a_silence_twice_is_fine(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        made = await add(api)
        answers = [await api.client.request("DELETE", f"/api/v2/silence/{made}") for _ in range(2)]
        found = await api.get(f"/api/v2/silence/{made}")
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"")] * 2
    assert found["status"] == {"state": "expired"}


async def test_another_version_keeps_the_id_only_with_the_same_matchers(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        first = await add(api)
        second = await add(api, id=first, comment="longer")
        other = [{"name": "a", "value": "c", "isRegex": False}]
        third = await add(api, id=first, matchers=other)
        states = {one["id"]: one["status"]["state"] for one in await api.get("/api/v2/silences")}
    assert second == first != third
    assert states == {first: "expired", third: "active"}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_silences_that_are_not_there(tmp_path: Path, method: str) -> None:
    async with alertmanager_api(tmp_path) as api:
        unknown = await api.client.request(method, f"/api/v2/silence/{UNKNOWN}")
        broken = await api.client.request(method, "/api/v2/silence/x")
        unhyphened = await api.client.request(method, "/api/v2/silence/" + "0" * 32)
        updated = await api.post("/api/v2/silences", silence(api, id=UNKNOWN))
    assert (unknown.status, unknown.body) == (404, b"")
    assert broken.status == 422
    assert broken.json == {
        "code": 601, "message": 'silenceID in path must be of type uuid: "x"',
    }  # fmt: skip
    assert unhyphened.status == 404
    assert (updated.status, updated.json) == (404, "silence not found")


def matcher(name: str, value: str, *, is_regex: bool = False) -> dict[str, Any]:
    return {"matchers": [{"name": name, "value": value, "isRegex": is_regex}]}


EMPTY = "invalid silence: matcher set 0: at least one matcher must not match the empty string"
INVALID = "invalid silence: invalid label matcher 0 in set 0: invalid"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"endsAt": ""}, "Failed to create silence: start time must be before end time"),
        (
            {"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-02T00:00:00Z"},
            "Failed to create silence: end time can't be in the past",
        ),
        (matcher("a", ""), EMPTY),
        (matcher("a", ".*", is_regex=True), EMPTY),
        (matcher("", "b"), f'{INVALID} label name ""'),
        (
            matcher("a", "(", is_regex=True),
            f'{INVALID} regular expression "(": error parsing regexp: missing closing ): `(`',
        ),
    ],
)
async def test_silences_that_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.post("/api/v2/silences", silence(api, **changes))
        found = await api.get("/api/v2/silences")
    assert (answer.status, answer.json, found) == (400, message, [])


async def test_a_matcher_that_excludes_counts_as_one(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        excluding = [{"name": "a", "value": ".+", "isRegex": True, "isEqual": False}]
        await add(api, matchers=excluding)


async def test_a_start_that_is_past_becomes_now(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        made = await add(api, startsAt="0001-01-01T00:00:00Z")
        found = await api.get(f"/api/v2/silence/{made}")
        assert found["startsAt"] == print_time(api.clock.now_ns())


async def test_writing_needs_the_token(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path, token="t0ken") as api:
        refused = await api.post("/api/v2/silences", silence(api))
        deleted = await api.client.request("DELETE", f"/api/v2/silence/{UNKNOWN}")
        shown = await api.client.get("/api/v2/silences")
    assert (refused.status, deleted.status, shown.status) == (401, 401, 200)
