"""Tempo's API over some plain spans, for its tests."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from appliance.api.tempo.deps import TempoDeps
from appliance.api.tempo.routes import make_app
from tests.api.serving import Client, http_deps, serving
from tests.spans import PlainEvent, PlainSpan, PlainSpans

T0 = 1_700_000_000
S = 10**9
SPANS = (
    PlainSpan(0xAB, 1, "GET /", start_ns=T0 * S, duration_ns=2 * S),
    PlainSpan(
        0xAB,
        2,
        "query",
        "db",
        parent=1,
        start_ns=T0 * S + 500,
        status=2,
        status_message="no such table",
        attributes={"db.system": "sqlite", "rows": 3, "ratio": 1.0, "tags": ["a", "b"]},
        events=[PlainEvent("exception", T0 * S + 600, {"exception.type": "Oops"})],
    ),
    PlainSpan(
        0xCD,
        3,
        "job",
        "cron",
        kind=1,
        start_ns=(T0 + 60) * S,
        duration_ns=S // 2,
        attributes={"retry": True},
        resource={"region": "eu"},
    ),
    PlainSpan(0xEF, 5, "orphan", "db", parent=4, start_ns=(T0 + 90) * S),
)


def tempo_deps(spans: Sequence[PlainSpan] = SPANS) -> TempoDeps:
    """What the API needs: these spans for the usual tenant, none for others."""
    source, nothing = PlainSpans(spans), PlainSpans([])
    return TempoDeps(
        lambda tenant: source if tenant == "anonymous" else nothing, lambda: {"a.setting": "1"}
    )


def tempo(
    spans: Sequence[PlainSpan] = SPANS, **changes: Any
) -> AbstractAsyncContextManager[Client]:
    return serving(make_app(http_deps(**changes), tempo_deps(spans)))
