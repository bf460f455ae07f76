"""The flight record of alerts: what happened to an alert, in a group, at a receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import matchers_of
from appliance.api.alertmanager.framework import answer
from appliance.api.loki.params import parse_time_ns
from appliance.base.digits import read_digits
from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import offload
from appliance.model.alert_event import EventKind
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels
    from appliance.store.alerts.events import EventFilter
    from appliance.store.alerts.store import AlertStore

_USUAL_LIMIT, _MOST = 200, 5000
#: Of ids.
_LARGEST = 2**63 - 1
_KINDS = {kind.value: kind for kind in EventKind}


async def events(request: web.Request) -> web.Response:
    """`GET /api/ui/alerts/events`: newest first, or oldest first with `order=asc`.

    Parameters: `fingerprint`, `filter` (matchers) and `kind`, all repeatable, `group`,
    `receiver`, `start`, `end`, `limit`; `next` of an answer is `after` (or `before`) of the next
    question.

    Raises:
        BadInput: A parameter cannot be used.
    """
    deps = request.app[ALERTMANAGER]
    wanted, matchers = _filter(request), matchers_of(request)
    await deps.flush_record()

    def read() -> tuple[list[AlertEvent], Mapping[str, Labels]]:
        if matchers:
            known = deps.record.find_labels(matchers)
            named = wanted.get("fingerprints", ())
            wanted["fingerprints"] = [one for one in known if not named or one in named]
            if not wanted["fingerprints"]:
                return [], {}
        found = deps.record.events(**wanted)
        return found, labels_of(deps.record, found)

    found, labels = await offload(read)
    is_full = len(found) == wanted["limit"]
    return answer(
        {
            "events": [event_json(one) for one in found],
            "labels": {fingerprint: dict(pairs) for fingerprint, pairs in labels.items()},
            "next": found[-1].id if is_full else None,
        }
    )


async def event(request: web.Request) -> web.Response:
    """`GET /api/ui/alerts/events/{id}`.

    Raises:
        NotFound: It is not, or no longer, in the record.
    """
    deps = request.app[ALERTMANAGER]
    found = await event_of(request)
    labels = await offload(labels_of, deps.record, [found])
    shown = {fingerprint: dict(pairs) for fingerprint, pairs in labels.items()}
    return answer({"event": event_json(found), "labels": shown})


async def event_of(request: web.Request, text: str = "") -> AlertEvent:
    """The event of the path, or the one with the given id.

    Raises:
        NotFound: It is not, or no longer, in the record.
    """
    deps, text = request.app[ALERTMANAGER], text or request.match_info["id"]
    await deps.flush_record()
    number = read_digits(text) if text.isdecimal() else _LARGEST + 1
    found = await offload(deps.record.event, number) if number <= _LARGEST else None
    if found is None:
        raise NotFound(f"event {text[:50]!r} is not in the record")
    return found


def event_json(one: AlertEvent) -> dict[str, Any]:
    """An event as it is shown."""
    return {
        "id": one.id,
        "at": print_time(one.at_ns),
        "at_ns": str(one.at_ns),
        "kind": one.kind.value,
        "fingerprints": one.fingerprints,
        "group_key": one.group_key,
        "receiver": one.receiver,
        "detail": one.detail,
    }


def labels_of(record: AlertStore, found: Sequence[AlertEvent]) -> Mapping[str, Labels]:
    """Labels of the alerts that events are about."""
    return record.known_labels({one for event in found for one in event.fingerprints})


def _filter(request: web.Request) -> EventFilter:
    query = request.query
    kinds = query.getall("kind", ())
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        raise BadInput(f"'kind' is {unknown[0][:50]!r}; kinds are {', '.join(_KINDS)}")
    order = query.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise BadInput(f"'order' is {order[:50]!r}; write asc or desc")
    wanted: EventFilter = {
        "fingerprints": query.getall("fingerprint", ()),
        "group_key": query.get("group", ""),
        "receiver": query.get("receiver", ""),
        "kinds": [_KINDS[kind] for kind in kinds],
        "start_ns": _time(request, "start"),
        "end_ns": _time(request, "end"),
        "after_id": _number(request, "after", 0, _LARGEST),
        "before_id": _number(request, "before", 0, _LARGEST),
        "limit": _number(request, "limit", _USUAL_LIMIT, _MOST),
        "newest_first": order == "desc",
    }
    return wanted


def _time(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    try:
        at_ns = parse_time_ns(text) if text else 0
    except BadInput as error:
        raise BadInput(f"could not parse '{name}' parameter: {error}") from error
    return min(max(at_ns, -_LARGEST), _LARGEST)  # what the record can hold


def _number(request: web.Request, name: str, usual: int, most: int) -> int:
    text = request.query.get(name, "") or str(usual)
    number = read_digits(text) if text.isdecimal() else -1
    if not 0 <= number <= most or (name == "limit" and not number):
        raise BadInput(f"{name!r} must be a number up to {most}, not {text[:50]!r}")
    return number
