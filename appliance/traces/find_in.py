"""Find spans inside one trace by what is written anywhere in them.

A text of the form `key=value` asks for an attribute: the key has to be that key or its last part,
the value has to contain the text. Any other text may stand in a key, a value, an event or the
message of the status. Case does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.wire.otlp.values import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.model.sources import Guard
    from appliance.model.trace import StoredSpan

_STRETCH = 500


def find_spans(
    stored: Sequence[StoredSpan], text: str, guard: Guard, *, most: int
) -> tuple[list[bytes], bool]:
    """Ids of the spans that have a text, and whether there are more than `most`.

    Raises:
        TimedOut: As the guard says.
    """
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource  # noqa: PLC0415 - lazy
    from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - lazy

    wanted = _Wanted(text)
    resources: dict[bytes, bool] = {}
    found: list[bytes] = []
    for number, one in enumerate(stored):
        if number % _STRETCH == 0:
            guard.check()
        is_there = resources.get(one.resource)
        if is_there is None:
            attributes = Resource.FromString(one.resource).attributes
            is_there = resources[one.resource] = wanted.in_pairs(attributes)
        span = Span.FromString(one.span)
        if is_there or wanted.in_span(span):
            if len(found) >= most:
                return found, True
            found.append(span.span_id)
    return found, False


class _Wanted:
    """A text that is looked for."""

    def __init__(self, text: str) -> None:
        key, equals, value = text.strip().lower().partition("=")
        self._key = key.strip().removeprefix("span.").removeprefix("resource.") if equals else ""
        self._value = (value if self._key else text).strip().strip('"').lower()

    def in_span(self, span: Any) -> bool:
        if not self._key and self._value in span.status.message.lower():
            return True
        return any(map(self.in_pairs, _pairs_of(span))) or (
            not self._key and any(self._value in event.name.lower() for event in span.events)
        )

    def in_pairs(self, pairs: Any) -> bool:
        if self._key:
            return any(
                self._is_key(pair.key.lower()) and self._value in to_text(pair.value).lower()
                for pair in pairs
            )
        return any(
            self._value in pair.key.lower() or self._value in to_text(pair.value).lower()
            for pair in pairs
        )

    def _is_key(self, key: str) -> bool:
        return key == self._key or key.endswith(f".{self._key}")


def _pairs_of(span: Any) -> Iterator[Any]:
    yield span.attributes
    for event in span.events:
        yield event.attributes
    for link in span.links:
        yield link.attributes
