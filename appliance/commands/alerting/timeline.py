"""Events of the flight record in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.commands.alerting.table import at, local, pairs, span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Event = Mapping[str, Any]


def rows(events: Sequence[Event]) -> list[list[str]]:
    """Time, number, kind and what happened, one row per event."""
    return [[local(one["at"]), str(one["id"]), one["kind"], describe(one)] for one in events]


def describe(event: Event) -> str:
    """What happened, in a line."""
    make = _WORDS.get(event["kind"], _other)
    return make(event, event.get("detail") or {})


def _received(_event: Event, detail: Event) -> str:
    text = pairs(detail.get("labels") or {})
    return f"{text} (over already)" if detail.get("resolved") else text


def _rule(_event: Event, detail: Event) -> str:
    words = [str(detail[name]) for name in ("rule", "group") if name in detail]
    if "value" in detail:
        words.append(f"value {detail['value']}")
    return " · ".join([*words, pairs(detail.get("labels") or {})]).strip(" ·")


def _resolved(_event: Event, detail: Event) -> str:
    lasted = (detail.get("ends_ns", 0) - detail.get("starts_ns", 0)) / 1e9
    return f"after {span(lasted)}" if lasted > 0 else ""


def _routed(event: Event, detail: Event) -> str:
    place = f" ({detail['place']})" if detail.get("place") else ""
    return f"to {event['receiver']} by {detail.get('route', '')}{place}"


def _flushed(event: Event, detail: Event) -> str:
    counts = f"{detail.get('firing', 0)} firing, {detail.get('resolved', 0)} resolved"
    return f"{event['receiver']}: {counts}"


def _suppressed(_event: Event, detail: Event) -> str:
    reasons = []
    if detail.get("silenced_by"):
        reasons.append(f"silenced by {', '.join(detail['silenced_by'])}")
    if detail.get("inhibited_by"):
        place = f" ({detail['inhibit_place']})" if detail.get("inhibit_place") else ""
        rule = f" by rule {detail['inhibit_rule']}{place}" if detail.get("inhibit_rule") else ""
        reasons.append(f"inhibited by {', '.join(detail['inhibited_by'])}{rule}")
    if detail.get("muted_by"):
        reasons.append(f"muted by {', '.join(detail['muted_by'])}")
    return "; ".join(reasons) or str(detail.get("reason", ""))


def _unchanged(event: Event, detail: Event) -> str:
    again = detail.get("repeat_after_ns")
    later = f", repeated after {local(at(again))}" if again else ""
    return f"{_integration(event, detail)}: {detail.get('why', 'nothing new')}{later}"


def _attempt(event: Event, detail: Event) -> str:
    request = f"{detail.get('method', '')} {detail.get('url', '')}".strip()
    # What Go-like errors say begins with the request.
    answer = detail.get("error") or f"{request} → HTTP {detail.get('status')}"
    number = f" attempt {detail['attempt']}" if detail.get("attempt", 1) != 1 else ""
    retry = ", will retry" if detail.get("will_retry") else ""
    replay = f" (replay of {detail['replay_of']})" if detail.get("replay_of") else ""
    seconds = f" in {detail.get('seconds', 0):.2f} s"
    return f"{_integration(event, detail)}{number}: {answer}{seconds}{retry}{replay}"


def _ended(event: Event, detail: Event) -> str:
    words = [_integration(event, detail)]
    if detail.get("why"):
        words.append(f"({detail['why']})")
    if detail.get("error"):
        words.append(f"{detail['error']}")
    if detail.get("attempts", 1) > 1:
        words.append(f"after {detail['attempts']} attempts")
    return " ".join(words)


def _integration(event: Event, detail: Event) -> str:
    return f"{event['receiver']}/{detail.get('integration', '')}[{detail.get('index', 0)}]"


def _other(event: Event, detail: Event) -> str:
    shown = {name: str(value) for name, value in detail.items() if value not in ("", None, [], {})}
    return " ".join(filter(None, [event["receiver"], pairs(shown)]))


def _acked(_event: Event, detail: Event) -> str:
    until = detail.get("until_ns")
    later = f" until {local(at(int(until)))}" if until else ""
    what = "the group" if detail.get("of") == "group" else "the alert"
    comment = f": {detail['comment']}" if detail.get("comment") else ""
    by = f" by {detail['by']}" if detail.get("by") else ""
    return f"{what}{by} ({detail.get('via', '')}){later}{comment}"


def _escalated(_event: Event, detail: Event) -> str:
    if detail.get("what") != "page":
        return f"{detail.get('policy', '')} stops: {detail.get('why', '')}"
    whom = ", ".join(detail.get("users") or detail.get("receivers") or ["nobody on call"])
    return f"{detail.get('policy', '')} step {detail.get('step')}: {whom}"


def _heartbeat(_event: Event, detail: Event) -> str:
    error = f": {detail['error']}" if detail.get("error") else ""
    return f"{detail.get('heartbeat', '')} {detail.get('state', '')}{error}"


_WORDS: dict[str, Callable[[Event, Event], str]] = {
    "pending": _rule,
    "firing": _rule,
    "inactive": _rule,
    "received": _received,
    "resolved": _resolved,
    "routed": _routed,
    "flushed": _flushed,
    "suppressed": _suppressed,
    "unchanged": _unchanged,
    "attempt": _attempt,
    "notified": _ended,
    "failed": _ended,
    "fallback": _ended,
    "acked": _acked,
    "unacked": _acked,
    "escalated": _escalated,
    "heartbeat": _heartbeat,
}
