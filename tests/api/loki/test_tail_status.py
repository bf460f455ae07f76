"""What is being tailed, as JSON."""

from __future__ import annotations

from appliance.api.http import base_app
from appliance.api.loki.tail_status import TAILING, routes
from appliance.ingest.tail.status import ClientStatus, SourceKind, SourceStatus, TailStatus
from appliance.ingest.tail.targets import DroppedTarget
from appliance.model.labels import Labels
from tests.api.serving import http_deps, serving

LABELS = Labels.of({"job": "app"})


class Tailing:
    def status(self) -> TailStatus:
        source = SourceStatus(
            "app", SourceKind.FILE, "/a.log", LABELS, "7", size_bytes=9, lag_bytes=2, lines=3
        )
        return TailStatus(
            config="promtail.yml",
            sources=[source],
            dropped=[DroppedTarget("app", LABELS, "no path for target")],
            clients=[ClientStatus("http://x", is_own=False, error="away")],
            errors=["app: file discovery failed"],
        )


async def test_everything_is_told() -> None:
    app = base_app("ui", http_deps())
    app[TAILING] = Tailing()
    app.add_routes(routes())
    async with serving(app) as client:
        answer = (await client.get("/api/tail.json")).json
    assert answer == {
        "config": "promtail.yml",
        "sources": [
            {
                "job": "app",
                "type": "file",
                "name": "/a.log",
                "labels": {"job": "app"},
                "position": "7",
                "size_bytes": 9,
                "lag_bytes": 2,
                "lines": 3,
                "last_read_ms": 0,
                "error": "",
            }
        ],
        "dropped": [
            {"job": "app", "discovered_labels": {"job": "app"}, "reason": "no path for target"}
        ],
        "clients": [{"url": "http://x", "own": False, "error": "away"}],
        "errors": ["app: file discovery failed"],
    }
