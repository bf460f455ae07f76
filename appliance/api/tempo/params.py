"""Parameters of Tempo's requests, read and refused as Tempo does it (grafana/tempo, pkg/api)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.api.params import parse_float, parse_rfc3339_ns
from appliance.base.digits import read_digits
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration, print_go_duration
from appliance.syntax.quoting import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECOND, _MS = 10**9, 10**6
_MAX_NS = 2**63 - 1
_MAX_UINT32, _MAX_INT = 2**32 - 1, 2**63 - 1
USUAL_LIMIT, MOST_TRACES = 20, 262_144
USUAL_SPANS, MOST_SPANS = 3, 100
_USUAL_SINCE_NS = 3600 * _SECOND
#: Tags of one search; each of them is looked for by itself.
_MOST_TAGS = 500
#: Largest TraceQL expression.
_QUERY_BYTES = 128 << 10
#: Parameters that are no tags in a request that names its tags one by one.
_RESERVED = {"q", "tags", "minDuration", "maxDuration", "limit", "spss", "start", "end"}
_BLANK = re.compile(r"[\x00-\x20]*")
_KEY = re.compile(r"[^\x00-\x20=\"]*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class SearchParameters:
    """What a search asks for.

    Attributes:
        query: TraceQL; empty for a search by tags.
        tags: Texts by name, of a search without a query.
        min_ms, max_ms: How long traces take, both included; 0: any. Only without a query.
        start_s, end_s: Seconds since the epoch; both 0: any time.
        limit: Traces.
        spans: Spans of each spanset.
    """

    query: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    min_ms: int = 0
    max_ms: int = 0
    start_s: int = 0
    end_s: int = 0
    limit: int = USUAL_LIMIT
    spans: int = USUAL_SPANS


def search_parameters(given: Mapping[str, str]) -> SearchParameters:
    """Parameters of `/api/search`.

    Raises:
        BadInput: In Tempo's words.
    """
    start, end = seconds(given, "start"), seconds(given, "end")
    query = query_of(given, "q")
    tags = _tags(given, has_query=bool(query), has_range=bool(start or end))
    shortest, longest = _duration_ms(given, "minDuration"), _duration_ms(given, "maxDuration")
    if longest and shortest > longest:
        raise BadInput("invalid maxDuration: must be greater than minDuration")
    found = SearchParameters(
        query,
        tags,
        shortest,
        longest,
        start,
        end,
        _positive(given, "limit") or USUAL_LIMIT,
        _positive(given, "spss") or USUAL_SPANS,
    )
    check_search(found)
    return found


def check_search(asked: SearchParameters) -> None:
    """What is wrong with a search, however it came.

    Raises:
        BadInput: In Tempo's words.
    """
    check_range(asked.start_s, asked.end_s)
    if asked.limit > MOST_TRACES:
        raise BadInput(f"limit {asked.limit} exceeds max limit {MOST_TRACES}")
    if asked.spans > MOST_SPANS:
        raise BadInput(f"spans per span set exceeds {MOST_SPANS}. received {asked.spans}")
    if len(asked.tags) > _MOST_TAGS:
        raise BadInput(f"invalid tags: {len(asked.tags)} are too many, at most {_MOST_TAGS}")


def check_range(start_s: int, end_s: int) -> None:
    """Both or neither, in order.

    Raises:
        BadInput: Otherwise.
    """
    if (start_s or end_s) and end_s <= start_s:
        raise BadInput(
            f"http parameter start must be before end. received start={start_s} end={end_s}"
        )


def query_of(given: Mapping[str, str], *names: str) -> str:
    """A TraceQL expression: the last of some parameters that is there.

    Raises:
        BadInput: It is too long.
    """
    found = ""
    for name in names:
        found = given.get(name, "") or found
    check_query(found)
    return found


def check_query(text: str) -> None:
    """Refuse expressions that are too long to be read.

    Raises:
        BadInput: In Tempo's words.
    """
    if len(text.encode(errors="surrogatepass")) > _QUERY_BYTES:
        raise BadInput(
            f"TraceQL expression exceeds the configured maximum size of {_QUERY_BYTES} bytes,"
            " reduce the query expression size or contact your system administrator"
        )


def seconds(given: Mapping[str, str], name: str) -> int:
    """Seconds since the epoch; 0 when they are not given.

    Raises:
        BadInput: No number of 32 bits.
    """
    return _number(given.get(name, ""), name, "ParseUint", _MAX_UINT32)


def count(given: Mapping[str, str], name: str) -> int:
    """A bound; 0, which is also what unreadable text means, is none."""
    text = given.get(name, "")
    return min(read_digits(text), _MAX_UINT32) if re.fullmatch(r"[0-9]+", text) else 0


def _number(text: str, name: str, function: str, largest: int) -> int:
    if not text:
        return 0
    sign = "[+-]?" if function != "ParseUint" else ""
    if not re.fullmatch(f"{sign}[0-9]+", text, re.ASCII):
        raise BadInput(f"invalid {name}: strconv.{function}: parsing {quote(text)}: invalid syntax")
    found = read_digits(text)
    if abs(found) > largest:
        raise BadInput(
            f"invalid {name}: strconv.{function}: parsing {quote(text)}: value out of range"
        )
    return found


def _positive(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    found = _number(text, name, "Atoi", _MAX_INT)
    if text and found <= 0:
        raise BadInput(f"invalid {name}: must be a positive number")
    return found


def _duration_ms(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    try:
        return parse_go_duration(text) // _MS if text else 0
    except BadInput as error:
        raise BadInput(f"invalid {name}: {error}") from error


def _tags(given: Mapping[str, str], *, has_query: bool, has_range: bool) -> dict[str, str]:
    text = given.get("tags", "")
    if text and has_query:
        raise BadInput("invalid request: can't specify tags and q in the same query")
    if text:
        return parse_tags(text)
    if has_query or has_range:
        return {}
    return {name: value for name, value in given.items() if name not in _RESERVED and value}


def parse_tags(text: str) -> dict[str, str]:
    """Tags in logfmt.

    Raises:
        BadInput: It is none, or a tag comes twice.
    """
    found: dict[str, str] = {}
    for name, value in _logfmt(text):
        if name in found:
            raise BadInput(f"invalid tags: tag {name} has been set twice")
        found[name] = value
    return found


def _logfmt(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values; errors are those of go-logfmt, positions count from 1."""
    at = _after(_BLANK, text, 0)
    while at < len(text):
        end = _after(_KEY, text, at)
        key, value = text[at:end], ""
        if text[end : end + 1] == '"' or not key:
            raise _unexpected(text, end)
        at = end
        if text[end : end + 1] == "=":
            start = end + 1
            quoted = _QUOTED.match(text, start)
            if quoted:
                at, value = quoted.end(), unquote(quoted[0])
            elif text[start : start + 1] == '"':
                raise BadInput(f"invalid tags: unterminated quoted value at pos {len(text) + 1}")
            else:
                at = _after(_KEY, text, start)
                value = text[start:at]
                if text[at : at + 1] in {"=", '"'}:
                    raise _unexpected(text, at)
        yield key, value
        at = _after(_BLANK, text, at)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _unexpected(text: str, at: int) -> BadInput:
    return BadInput(f"invalid tags: unexpected '{text[at]}' at pos {at + 1}")


@dataclass(frozen=True, slots=True)
class MetricsParameters:
    """What a metrics query asks for.

    Attributes:
        start_ns, end_ns: Since the epoch.
        step_ns: 0 when it is not given.
        exemplars: 0 when they are not given.
    """

    query: str
    start_ns: int
    end_ns: int
    step_ns: int = 0
    exemplars: int = 0


def metrics_parameters(given: Mapping[str, str], now_ns: int) -> MetricsParameters:
    """Parameters of `/api/metrics/query_range`, and without a step of `/api/metrics/query`.

    Raises:
        BadInput: In Tempo's words.
    """
    query = query_of(given, "query", "q")
    start, end = _bounds(given, now_ns)
    text = given.get("step", "")
    step = _step_ns(text) if text else 0
    if text and step <= 0:
        least = print_go_duration(max(end - start, 0) // 10_000)
        raise BadInput(
            f"step of {print_go_duration(step)} is too small,"
            f" minimum step for given range is {least}"
        )
    exemplars = _number(given.get("exemplars", ""), "exemplars", "ParseUint", _MAX_UINT32)
    return MetricsParameters(query, start, end, step, exemplars)


def _bounds(given: Mapping[str, str], now_ns: int) -> tuple[int, int]:
    """Start and end: as given, or the last hour, or as much as `since` says."""
    since = _USUAL_SINCE_NS
    if text := given.get("since", ""):
        try:
            since = parse_duration(text) * _MS
        except BadInput as error:
            raise BadInput(f"could not parse 'since' parameter: {error}") from error
    end = _time_ns(given, "end", now_ns)
    return _time_ns(given, "start", min(end, now_ns) - since), end


def _time_ns(given: Mapping[str, str], name: str, usual_ns: int) -> int:
    """Unix seconds, also with a fraction, nanoseconds when it has many digits, or RFC 3339."""
    text = given.get(name, "")
    if not text:
        return usual_ns
    found: int | None = None
    if re.fullmatch(r"[+-]?[0-9]+", text, re.ASCII):
        found = read_digits(text) * (_SECOND if len(text) <= 10 else 1)
    elif "." in text and (fraction := parse_float(text)) is not None and math.isfinite(fraction):
        found = round(fraction * 1000) * _MS
    else:
        found = parse_rfc3339_ns(text)
    if found is None:
        reason = f"strconv.ParseInt: parsing {quote(text)}: invalid syntax"
        raise BadInput(f"could not parse '{name}' parameter: {reason}")
    if abs(found) > _MAX_NS:
        reason = f"strconv.ParseInt: parsing {quote(text)}: value out of range"
        raise BadInput(f"could not parse '{name}' parameter: {reason}")
    return found


def _step_ns(text: str) -> int:
    """Seconds, also with a fraction, or a Go duration."""
    number = parse_float(text)
    if number is not None and not math.isnan(number):
        if abs(number) * _SECOND > _MAX_NS:
            message = f"cannot parse {quote(text)} to a valid duration. It overflows int64"
            raise BadInput(message)
        return int(number * _SECOND)
    try:
        return parse_go_duration(text)
    except BadInput as error:
        raise BadInput(f"cannot parse {quote(text)} to a valid duration") from error
