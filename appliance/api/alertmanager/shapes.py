"""Alerts, groups and silences as API v2 shows them; fields in the original's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.api.alertmanager.filters import is_processed
from appliance.model.matcher import MatchOp
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.alertmanager.views import AlertView
    from appliance.model.matcher import Matcher
    from appliance.model.silence import Silence


def alert_json(
    view: AlertView, receivers: Iterable[str], muted_by: Sequence[str] = ()
) -> dict[str, Any]:
    """An alert.

    Args:
        muted_by: Time intervals; only groups know them.
    """
    alert = view.alert
    is_suppressed = view.silenced_by or view.inhibited_by or muted_by
    state = "suppressed" if is_suppressed else "active" if is_processed(view) else "unprocessed"
    found: dict[str, Any] = {
        "annotations": dict(alert.annotations),
        "endsAt": print_time(alert.ends_ns),
        "fingerprint": alert.fingerprint,
        "receivers": [{"name": name} for name in receivers],
        "startsAt": print_time(alert.starts_ns),
        "status": {
            "inhibitedBy": view.inhibited_by,
            "mutedBy": muted_by,
            "silencedBy": view.silenced_by,
            "state": state,
        },
        "updatedAt": print_time(alert.updated_ns),
    }
    if alert.generator_url:
        found["generatorURL"] = alert.generator_url
    return found | {"labels": dict(alert.labels)}


def silence_json(silence: Silence, now_ns: int) -> dict[str, Any]:
    """A silence."""
    found: dict[str, Any] = {
        "id": silence.id,
        "status": {"state": silence.state(now_ns).value},
        "updatedAt": print_time(silence.updated_ns),
    }
    if silence.annotations:
        found["annotations"] = dict(silence.annotations)
    return found | {
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": print_time(silence.ends_ns),
        "matchers": [matcher_json(matcher) for matcher in silence.matchers],
        "startsAt": print_time(silence.starts_ns),
    }


def matcher_json(matcher: Matcher) -> dict[str, Any]:
    """A matcher."""
    return {
        "isEqual": matcher.op in {MatchOp.EQUAL, MatchOp.REGEX},
        "isRegex": matcher.op in {MatchOp.REGEX, MatchOp.NOT_REGEX},
        "name": matcher.name,
        "value": matcher.value,
    }
