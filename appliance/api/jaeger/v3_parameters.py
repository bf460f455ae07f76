"""Parameters of version 3, as names in a URL or in a JSON body (apiv3/query_parser.go)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.jaeger.parameters import parse_flag, parse_int, tags_object
from appliance.api.params import parse_rfc3339_ns
from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration
from appliance.traces.criteria import SpanCriteria
from appliance.traces.find import TraceSearch
from appliance.traces.window import Window, bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DEFAULT_DEPTH = 100
_CAPITAL = re.compile(r"[A-Z]")


@dataclass(frozen=True, slots=True)
class Find:
    """What is looked for; `raw`: without adjustments."""

    search: TraceSearch
    raw: bool


class Parameters:
    """Parameters by their names in camelCase; those with underscores are understood too."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def get(self, name: str) -> tuple[str, str]:
        """The value, empty when absent, and the name it was given under."""
        older = _CAPITAL.sub(lambda match: f"_{match[0].lower()}", name)
        found = next((one for one in (name, older) if self._given.get(one)), older)
        return self._given.get(found, ""), found

    def read(self, name: str, parse: Callable[[str], Any]) -> Any:
        """The value as `parse` reads it, None when it is absent.

        Raises:
            BadInput: It cannot be read; named.
        """
        text, given = self.get(name)
        if not text:
            return None
        try:
            return parse(text)
        except BadInput as error:
            raise BadInput(f"malformed parameter {given}: {error.message}") from error

    def time_ns(self, name: str) -> int | None:
        """A time of RFC 3339 in nanoseconds."""
        found: int | None = self.read(name, _time_ns)
        return found

    def flag(self, name: str) -> bool:
        """A bool; False when absent."""
        return bool(self.read(name, parse_flag))


def parse_find(parameters: Parameters) -> Find:
    """Parameters of a search.

    Raises:
        BadInput: One is missing or unreadable; the text names it.
    """
    tags = parameters.read("query.attributes", lambda text: tags_object(text, "")) or {}
    start, end = parameters.time_ns("query.startTimeMin"), parameters.time_ns("query.startTimeMax")
    if start is None or end is None:
        raise BadInput("query.startTimeMin and query.startTimeMax are required")
    if start >= end:
        raise BadInput("query.startTimeMin must be before query.startTimeMax")
    depth = parameters.read("query.searchDepth", parse_int)
    if depth is None:
        depth = parameters.read("query.numTraces", parse_int)
    limit = _DEFAULT_DEPTH if depth is None else depth
    if limit <= 0:
        raise BadInput("search depth must be greater than 0")
    criteria = SpanCriteria(
        service=parameters.get("query.serviceName")[0] or None,
        operation=parameters.get("query.operationName")[0] or None,
        tags=tags,
        min_duration_ns=parameters.read("query.durationMin", parse_go_duration) or None,
        max_duration_ns=parameters.read("query.durationMax", parse_go_duration) or None,
    )
    raw = parameters.flag("query.rawTraces")
    return Find(TraceSearch(criteria, Window(start, end), limit), raw)


def parse_range(parameters: Parameters) -> Window:
    """`startTime` and `endTime`, both needed.

    Raises:
        BadInput: One is missing or unreadable, or they are the wrong way round.
    """
    found = []
    for name in ("startTime", "endTime"):
        at = parameters.time_ns(name)
        if at is None:
            raise BadInput(f"missing required parameter: {name}")
        found.append(at)
    start, end = found
    if end <= start:
        raise BadInput("endTime must be after startTime")
    return Window.of(start, end + 1)


def body_parameters(body: bytes) -> dict[str, str]:
    """A FindTracesRequest in JSON as parameters of a URL.

    Raises:
        BadInput: It is no such object.
    """
    try:
        document = orjson.loads(body)
        query = document["query"]
        given = {name: _text(value) for name, value in query.items() if value is not None}
    # What orjson reads may be too deep for it to write: a TypeError, too.
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f'the body is not an object with "query": {error}') from error
    return {f"query.{name}": text for name, text in given.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _time_ns(text: str) -> int:
    found = parse_rfc3339_ns(text)
    if found is None:
        raise BadInput(f'parsing time "{text}" as "2006-01-02T15:04:05.999999999Z07:00"')
    return bounded(found)
