"""What a form, or an old link of Jaeger's page, asks for, as TraceQL.

`web/src/data/trace_form.ts` says the same in the browser; `trace_form.cases.json` beside it holds
for both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.\-/]*")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?", re.ASCII)
_TAG = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^\s="]+))\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_DURATION = re.compile(r"(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")
#: Tags that are fields of a span.
_FIELDS = {"span.kind": "kind", "otel.status_code": "status"}
_KINDS = {"server", "client", "internal", "producer", "consumer"}
#: Parameters of a form, and of Jaeger's links.
FIELDS = ("service", "operation", "tags", "minDuration", "maxDuration", "status", "tag")
_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def has_fields(query: Mapping[str, str]) -> bool:
    """Whether an address has fields of a form, or times as Jaeger writes them."""
    return any(query.get(name) for name in (*FIELDS, "lookback", "start", "end"))


def traceql_of(query: Mapping[str, str]) -> str:
    """The search of a form.

    Args:
        query: service, operation, tags (`a=b c="d e"`, or a JSON object), minDuration, maxDuration,
            status (`error`, `ok`, `unset`); what is absent or empty does not count.

    Raises:
        BadInput: A duration is none, or the tags cannot be read.
    """
    return "{ " + " && ".join(_conditions(query)) + " }" if any(_conditions(query)) else "{ }"


def _conditions(query: Mapping[str, str]) -> Iterator[str]:
    if service := query.get("service", ""):
        yield f"resource.service.name = {quoted(service)}"
    operation = query.get("operation", "")
    if operation and operation != "all":
        yield f"name = {quoted(operation)}"
    for key, value, is_text in _tags(query.get("tags", "")):
        yield _condition(key, value, is_text=is_text)
    if tag := query.get("tag", ""):
        key, _, value = tag.partition(":")
        yield _condition(key, value, is_text=False)
    for name, sign in (("minDuration", ">="), ("maxDuration", "<=")):
        if text := query.get(name, "").strip():
            if not _DURATION.fullmatch(text):
                raise BadInput(f"{text[:50]!r} is no duration; write 100ms or 1.5s")
            yield f"duration {sign} {text.replace('µ', 'u')}"
    if status := query.get("status", ""):
        if status not in {"error", "ok", "unset"}:
            raise BadInput(f"'status' is error, ok or unset, not {status[:50]!r}")
        yield f"status = {status}"


def _tags(text: str) -> Iterator[tuple[str, str, bool]]:
    """Key, value, and whether the value was in quotes."""
    if text.lstrip().startswith("{"):
        try:
            given = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"'tags' is no JSON object: {error}") from error
        for key, value in given.items():
            yield str(key), value if isinstance(value, str) else orjson.dumps(value).decode(), False
        return
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        match = _TAG.match(text, at)
        if not match:
            raise BadInput(f"{rest[:50]!r} is no tag; write key=value")
        key = match[2] if match[1] is None else _unescaped(match[1])
        yield key, match[4] if match[3] is None else _unescaped(match[3]), match[3] is not None
        at = match.end()


def _condition(key: str, value: str, *, is_text: bool) -> str:
    lower = value.lower()
    if not is_text and key == "error" and lower in {"true", "false"}:
        return "status = error" if lower == "true" else "status != error"
    field = _FIELDS.get(key)
    if field == "kind" and lower in _KINDS:
        return f"kind = {lower}"
    if field == "status" and lower in {"ok", "error", "unset"}:
        return f"status = {lower}"
    is_bare = not is_text and (_NUMBER.fullmatch(value) or value in {"true", "false"})
    return f"{_attribute(key)} = {value if is_bare else quoted(value)}"


def _attribute(key: str) -> str:
    for scope in ("resource.", "span."):
        if key.startswith(scope) and len(key) > len(scope):
            name = key.removeprefix(scope)
            return scope + (name if _PLAIN_KEY.fullmatch(name) else quoted(name))
    return "." + (key if _PLAIN_KEY.fullmatch(key) else quoted(key))


def quoted(text: str) -> str:
    """A string of TraceQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def window_of_jaeger(query: Mapping[str, str]) -> dict[str, str]:
    """`from` and `to` of a link of Jaeger's page (`start`, `end` in microseconds, `lookback`)."""
    start, end, lookback = (query.get(name, "") for name in ("start", "end", "lookback"))
    if start.isdecimal() and end.isdecimal() and len(start) > 12:
        return {"from": str(int(start) // 1000), "to": str(int(end) // 1000 + 1)}
    if lookback[:-1].isdecimal() and lookback[-1:] in _UNITS_MS:
        return {"from": f"now-{lookback}", "to": "now"}
    return {}
