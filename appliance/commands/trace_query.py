"""`appliance query traceql` and `appliance trace`: the way to a server that speaks Tempo's API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click
import orjson

from appliance.base.errors import BadInput
from appliance.commands.times import parse_when_ns
from appliance.traceql.ast import MetricsOp
from appliance.traceql.parser import parse_query
from appliance.transfer.progress import Bar
from appliance.transfer.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.base.clock import Clock

_SECOND = 10**9
_METRICS = re.compile(rf"\|\s*({'|'.join(one.value for one in MetricsOp)}|compare)\s*\(")
#: Newer Tempos answer 200 without spans for a trace they do not have.
_UNKNOWN = "HTTP 404"


def is_metrics_query(text: str) -> bool:
    """Whether a query gives numbers; what we cannot read is for the server to judge."""
    try:
        return parse_query(text).metrics is not None
    except BadInput:
        return _METRICS.search(text) is not None


def ask(text: str, options: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """A server's whole answer to a query: `traces`, or `series`.

    Args:
        options: `start` may be None: an hour ago; `step`, `limit`, `spans`, `is_instant`.

    Raises:
        BadInput, Unavailable: The server refuses it, or there is none.
    """
    now_ns = clock.now_ns()
    start = parse_when_ns(options["start"] or "now-1h", now_ns)
    end = parse_when_ns(options["end"], now_ns)
    given = [("q", text)]
    if is_metrics_query(text):
        given += [("start", str(start)), ("end", str(end))]
        path = "/api/metrics/query"
        if (options["start"] or options["step"]) and not options["is_instant"]:
            path = "/api/metrics/query_range"
            given += [("step", options["step"])] if options["step"] else []
    else:
        path = "/api/search"
        # Whole seconds: what has come up to now is wanted too.
        given += [("start", str(start // _SECOND)), ("end", str(end // _SECOND + 1))]
        given += [("limit", str(options["limit"])), ("spss", str(options["spans"]))]
    return _document(_fetch(path, given, options, clock))


def trace_json(trace_id: str, options: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """A trace as the server writes it, with `resourceSpans`; empty when it is not there.

    Raises:
        BadInput, Unavailable: As `ask`.
    """
    body = _trace(trace_id, "application/json", options, clock)
    trace: dict[str, Any] = _document(body).get("trace") or {} if body else {}
    return trace


def trace_groups(trace_id: str, options: Mapping[str, Any], clock: Clock) -> list[Any]:
    """A trace as OTLP's ResourceSpans messages, none of them empty; [] when it is not there.

    Raises:
        BadInput, Unavailable: As `ask`.
    """
    from appliance.wire.messages.tempo_pb2 import TraceByIDResponse  # noqa: PLC0415 - protobuf
    from appliance.wire.otlp.message import parse  # noqa: PLC0415 - protobuf

    found = parse(TraceByIDResponse, _trace(trace_id, "application/protobuf", options, clock))
    if found.message:
        click.echo(found.message, err=True)
    return [one for one in found.trace.resourceSpans if any(two.spans for two in one.scope_spans)]


def _trace(trace_id: str, accepted: str, options: Mapping[str, Any], clock: Clock) -> bytes:
    try:
        headers = {"Accept": accepted}
        return _fetch(f"/api/v2/traces/{trace_id}", (), options, clock, headers)
    except BadInput as error:
        if error.message.startswith(_UNKNOWN):
            return b""
        raise


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput("the answer is no JSON object; is this the address of a Tempo API?")
    if found.get("message"):
        click.echo(found["message"], err=True)
    return found


def _fetch(
    path: str,
    given: Sequence[tuple[str, str]],
    options: Mapping[str, Any],
    clock: Clock,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """An answer, with a sign of life while it takes its time."""
    with Bar("asking", None) as bar:
        session = Session(
            options["addr"],
            clock,
            tenant=options["tenant"],
            token=options["token"],
            received=lambda size: bar.show(size, f"{size / 1e6:.1f} MB"),
        )
        return session.fetch(path, given, headers)
