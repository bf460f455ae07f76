"""TraceQL queries of requests: read, and refused in the words of Tempo's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.traceql.ast import Select

if TYPE_CHECKING:
    from appliance.traceql.ast import Field, PipelineElement, Query


def _parse(text: str) -> Query:
    from appliance.traceql.parser import parse_query  # noqa: PLC0415 - with the first query

    try:
        return parse_query(text)
    except BadInput as error:
        message = f"invalid TraceQL query: {error}"
        raise BadInput(message, position=error.position) from error


def parse_search(text: str) -> Query:
    """A query that finds spans.

    Raises:
        BadInput: Not TraceQL, or a metrics query.
    """
    query = _parse(text)
    if query.pipeline is None:
        raise BadInput(
            "invalid TraceQL query: a metrics query gives series, not traces;"
            " use /api/metrics/query_range"
        )
    return query


def parse_metrics(text: str) -> Query:
    """A query that gives series.

    Raises:
        BadInput: Not TraceQL, or a search.
    """
    query = _parse(text)
    if query.metrics is None:
        raise BadInput("invalid TraceQL query: not a metrics query")
    return query


def parse_tag(text: str) -> Field:
    """A tag as TraceQL names it, such as `span.http.method`, `.foo` or `status`.

    Raises:
        BadInput: Not the name of one field.
    """
    from appliance.traceql.parser import parse_query  # noqa: PLC0415 - with the first query

    try:
        query = parse_query(f"{{ }} | select({text})")
    except BadInput as error:
        raise BadInput(f"please provide a valid tagName: {error}") from error
    elements = elements_of(query)
    fields = elements[-1].fields if isinstance(elements[-1], Select) else ()
    if len(elements) != 2 or len(fields) != 1 or query.hints:
        raise BadInput(f"please provide a valid tagName: {text!r} is not one field")
    return fields[0]


def elements_of(query: Query) -> tuple[PipelineElement, ...]:
    """The steps of a search; none of a metrics query."""
    return () if query.pipeline is None else query.pipeline.elements
