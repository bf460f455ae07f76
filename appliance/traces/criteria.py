"""What a span has to be like, in Jaeger's terms; every condition is an array comparison.

Tags are looked up where Jaeger's own store looks (internal/storage/v2/memory): in attributes of the
span, its resource, scope, events and links, or in the span's own fields for the names below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.trace import NumberValues
from appliance.wire.otlp.values import print_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue, Dictionary, SpanColumns

STATUS_OK, STATUS_ERROR = 1, 2
#: Span kinds as Jaeger and Tempo spell them, by OTLP number.
KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")

_STATUSES = {"unset": 0, "ok": STATUS_OK, "error": STATUS_ERROR}
_TRUE = frozenset(["1", "t", "T", "TRUE", "true", "True"])
_FALSE = frozenset(["0", "f", "F", "FALSE", "false", "False"])
_KIND_NUMBERS = {name: number for number, name in enumerate(KINDS)}
#: Tags that are texts of a span's own.
_TEXTS: dict[str, Callable[[SpanColumns], Dictionary]] = {
    "otel.status_description": lambda columns: columns.status_messages(),
    "scope.name": lambda columns: columns.scopes()[0],
    "scope.version": lambda columns: columns.scopes()[1],
    "otel.scope.name": lambda columns: columns.scopes()[0],
    "otel.scope.version": lambda columns: columns.scopes()[1],
}
_SCOPES = ("span", "resource", "instrumentation")


@dataclass(frozen=True, slots=True)
class SpanCriteria:
    """What a span has to be like; None and empty mean any.

    Attributes:
        tags: Values as text; see the module.
        min_duration_ns, max_duration_ns: Both included.
    """

    service: str | None = None
    operation: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None


def matching(columns: SpanColumns, criteria: SpanCriteria) -> NDArray[np.bool_]:
    """Which spans satisfy the criteria: bool[span].

    Cheap columns come first; once no span is left the others are not read.
    """
    mask = np.ones(columns.count, dtype=bool)
    for condition in _conditions(columns, criteria):
        mask &= condition()
        if not mask.any():
            break
    return mask


def _conditions(
    columns: SpanColumns, criteria: SpanCriteria
) -> list[Callable[[], NDArray[np.bool_]]]:
    shortest, longest = criteria.min_duration_ns, criteria.max_duration_ns
    service, operation = criteria.service, criteria.operation
    found: list[Callable[[], NDArray[np.bool_]]] = []
    if service is not None:
        found.append(lambda: equal(columns.services(), service))
    if operation is not None:
        found.append(lambda: equal(columns.names(), operation))
    if shortest is not None:
        found.append(lambda: columns.numbers("duration_ns") >= shortest)
    if longest is not None:
        found.append(lambda: columns.numbers("duration_ns") <= longest)
    for key, value in criteria.tags.items():
        found.append(lambda key=key, value=value: _has_tag(columns, key, value))  # type: ignore[misc]
    return found


def _has_tag(columns: SpanColumns, key: str, value: str) -> NDArray[np.bool_]:
    if key.startswith("resource."):
        return _in_scope(columns, "resource", key.removeprefix("resource."), value)
    if key == "error" and value in _FALSE:
        return ~_has_tag(columns, key, "true")
    own = _own_field(columns, key, value)
    mask = np.zeros(columns.count, dtype=bool) if own is None else own
    for scope in _SCOPES:
        mask = mask | _in_scope(columns, scope, key, value)
    return mask | _in_items(columns, key, value)


def _own_field(columns: SpanColumns, key: str, value: str) -> NDArray[np.bool_] | None:
    """Tags that are fields of a span; None where they are not."""
    number: int | None = None
    match key:
        case "error":
            key, number = "status", STATUS_ERROR if value in _TRUE else None
        case "span.kind":
            key, number = "kind", _KIND_NUMBERS.get(value.lower())
        case "span.status" | "otel.status_code":
            key, number = "status", _STATUSES.get(value.lower())
        case _ if key in _TEXTS:
            return equal(_TEXTS[key](columns), value)
    return None if number is None else np.equal(columns.numbers(key), number)


def _in_scope(columns: SpanColumns, scope: str, key: str, value: str) -> NDArray[np.bool_]:
    column = columns.attribute(scope, key)
    if column is None:
        return np.zeros(columns.count, dtype=bool)
    return equal(column, value)


def _in_items(columns: SpanColumns, key: str, value: str) -> NDArray[np.bool_]:
    """Spans with an event or link that has the attribute; `event` is an event's name."""
    mask = np.zeros(columns.count, dtype=bool)
    for kind in ("event", "link"):
        is_name = kind == "event" and key == "event"
        if not is_name and key not in columns.attribute_keys(kind):
            continue
        items = columns.items(kind)
        for column in (items.names() if is_name else None, items.attribute(key)):
            if column is not None:
                mask[items.rows[equal(column, value)]] = True
    return mask


def equal(column: Dictionary, wanted: str) -> NDArray[np.bool_]:
    """Where a column's value reads as a text: bool[row]."""
    ids = _ids_of(column.values, wanted)
    if len(ids) == 1:
        mask: NDArray[np.bool_] = column.ids == ids[0]
        return mask
    return np.isin(column.ids, ids)


def _ids_of(values: Sequence[AttributeValue], wanted: str) -> list[int]:
    plain = _candidates(wanted)
    if isinstance(values, NumberValues):
        hits = np.flatnonzero(np.isin(values.array, [one for one in plain if one != wanted]))
        return [number for number in hits.tolist() if print_value(values[number]) == wanted]
    if set(map(type, values)) == {str}:
        return _places(values, wanted)
    return [
        number
        for number, value in enumerate(values)
        if (value.__class__ in {list, dict, bytes} or value in plain)
        and print_value(value) == wanted
    ]


def _places(values: Sequence[AttributeValue], wanted: str) -> list[int]:
    """Where a text is among texts; `index` compares a hundred times as fast as a loop here."""
    found: list[int] = []
    try:
        while True:
            found.append(values.index(wanted, found[-1] + 1 if found else 0))
    except ValueError:
        return found


def _candidates(wanted: str) -> frozenset[str | float]:
    """Plain values that may read as the text: most others are ruled out by one look-up."""
    found: set[str | float] = {wanted}
    if wanted in {"true", "false"}:
        found.add(wanted == "true")
    try:
        found.add(float(wanted))
        found.add(int(wanted))
    except ValueError:
        pass
    return frozenset(found)
