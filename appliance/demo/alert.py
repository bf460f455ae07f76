"""The alert that the shop raises while it runs, as a client of Alertmanager's API v2 sends it."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

#: How long the alert holds when nobody sends it again, and when the running shop sends it again.
HOLDS_NS, AGAIN_NS = 120_000_000_000, 30_000_000_000
#: How long it holds after a history that nothing follows.
HOLDS_ONCE_NS = 600_000_000_000


def encode_alert(start_ns: int, end_ns: int) -> bytes:
    """The body of `POST /api/v2/alerts`; an end that is not after now resolves the alert."""
    alert = {
        "labels": {"alertname": "PaymentsFail", "severity": "warning", "service": "checkout"},
        "annotations": {
            "summary": "Some card payments fail at the payment provider",
            "description": "About one order in twelve ends with `payment provider timed out`."
            " The traces and log lines of checkout with errors show them.",
        },
        "startsAt": _time(start_ns),
        "endsAt": _time(end_ns),
    }
    return orjson.dumps([alert])


def _time(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="milliseconds")
