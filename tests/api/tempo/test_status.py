"""Tempo's HTTP API: what runs and how."""

from __future__ import annotations

from tests.api.tempo_app import tempo


async def test_small_paths() -> None:
    async with tempo() as client:
        assert (await client.get("/api/echo")).text == "echo"
        assert (await client.get("/ready")).text == "ready\n"
        info = await client.get("/api/status/buildinfo")
        missing = await client.get("/api/nope")
    assert set(info.json) == {
        "version", "revision", "branch", "buildUser", "buildDate", "goVersion",
    }  # fmt: skip
    assert (missing.status, missing.text) == (404, "404 page not found\n")


async def test_status_pages() -> None:
    async with tempo() as client:
        assert "| query-frontend | Running |" in (await client.get("/status/services")).text
        assert "version" in (await client.get("/status/version")).text
        assert "/api/search " in (await client.get("/status/endpoints")).text
        assert "a.setting: '1'" in (await client.get("/status/config")).text
        whole = (await client.get("/status")).text
        unknown = await client.get("/status/nothing")
    assert whole.count("GET /status/") == 6
    assert unknown.status == 404
    assert "services" in unknown.text
