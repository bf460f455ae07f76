"""Variables in texts: `$name`, `${name:format}`, `${name.field}`, `[[name:format]]`.

What Grafana documents as "variable syntax". The browser does the same
(`web/src/dashboard/interpolate.ts`); `tests/dashboards/interpolate.cases.json` holds both together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from appliance.base.duration import print_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
ALL = "$__all"
AUTO = "$__auto"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REGEX_SPECIAL = re.compile(r"[\\^$*+?.()|\[\]{}/]")
_QUOTED_SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")
_LUCENE_SPECIAL = re.compile(r'[!*+\-=<>\s&|()\[\]{}^~?:\\/"]')


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable stands for now.

    Attributes:
        values: The chosen ones; of "All" without a text of its own: all there are.
        texts: As people read them.
        multi: Whether several can be chosen: single values are then escaped as several are.
        literal: Stands for "All" as it is, in no format; None otherwise.
    """

    values: tuple[str, ...]
    texts: tuple[str, ...] = ()
    multi: bool = False
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What built-in variables are made of.

    Attributes:
        start_ms, end_ms: The range shown.
        step_ms: The time between points.
        scrape_ms: The time between samples.
    """

    start_ms: int
    end_ms: int
    step_ms: int = 15_000
    scrape_ms: int = 15_000
    title: str = ""
    uid: str = ""


def interpolate(
    text: str, values: Mapping[str, Value], *, name_of_format: str = "", language: str = ""
) -> str:
    """A text with variables replaced; unknown ones stay as they are.

    Args:
        values: By name; `__dashboard.uid` is the field of a built-in one.
        name_of_format: Where none is given: `raw`, `regex` …; empty: `glob`.
        language: `promql`, `logql` or `traceql`: what stands in a query is made to fit its quotes.
    """

    def replace(match: re.Match[str]) -> str:
        name, field, form = _parts(match)
        value = values.get(f"{name}.{field}" if field else name)
        if value is None:
            return match[0]
        if value.literal is not None and form in {"", "regex", "pipe", "raw"}:
            return value.literal
        if not form and language:
            return _in_query(value, language)
        return formatted(value, form or name_of_format, name)

    return VARIABLE.sub(replace, text)


def names_in(text: str) -> list[str]:
    """Names of the variables in a text, in its order, each once."""
    return list(dict.fromkeys(_parts(match)[0] for match in VARIABLE.finditer(text)))


def is_built_in(name: str) -> bool:
    """Whether a name is one of Grafana's own; some are known only to the value that is shown."""
    return name.startswith("__") or name == "timeFilter"


def built_in(moment: Moment) -> dict[str, Value]:
    """The variables that every dashboard has."""
    span_ms = max(moment.end_ms - moment.start_ms, 0)
    seconds = round(span_ms / 1000)
    rate_ms = max(moment.step_ms + moment.scrape_ms, 4 * moment.scrape_ms)
    plain = {
        "__interval": print_duration(moment.step_ms),
        "__interval_ms": str(moment.step_ms),
        "__rate_interval": print_duration(rate_ms),
        "__rate_interval_ms": str(rate_ms),
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(span_ms),
        "__from": str(moment.start_ms),
        "__to": str(moment.end_ms),
        "__dashboard": moment.title,
        "__dashboard.uid": moment.uid,
        "__org": "1",
        "__org.name": "Main Org.",
        "__user": "1",
        "__user.login": "anonymous",
        "__user.email": "",
        "__auto": print_duration(moment.step_ms),
        "__timezone": "browser",
    }
    return {name: Value((value,)) for name, value in plain.items()}


def formatted(value: Value, form: str, name: str = "") -> str:
    """A value in one of the formats that `${name:form}` can name."""
    form, _, argument = form.partition(":")
    if form == "date":
        return _date(value.values[0] if value.values else "", argument)
    if form == "text":
        return " + ".join(value.texts or value.values)
    if form in {"queryparam", "customqueryparam"}:
        return "&".join(f"var-{quote(name)}={_percent(one)}" for one in value.values)
    return _FORMATS.get(form, _glob)(value.values)


def escape_regex(text: str) -> str:
    """Text that a regular expression matches as it is."""
    return _REGEX_SPECIAL.sub(r"\\\g<0>", text)


def _parts(match: re.Match[str]) -> tuple[str, str, str]:
    """Name, field and format."""
    name = match[1] or match[2] or match[4]
    return name, match[5] or "", match[3] or match[6] or ""


def _in_query(value: Value, language: str) -> str:
    """Without a format: several values become alternatives of a regular expression."""
    if language == "traceql":
        return "|".join(value.values)
    if not value.multi and len(value.values) == 1:
        return value.values[0].replace("\\", "\\\\")
    escaped = [_quoted_regex(one) for one in value.values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _quoted_regex(text: str) -> str:
    """For a regular expression within quotes: each backslash is one for the quotes, too."""
    return _QUOTED_SPECIAL.sub(r"\\\\\g<0>", text.replace("\\", "\\\\\\\\"))


def _glob(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else "{" + ",".join(values) + "}"


def _regex(values: tuple[str, ...]) -> str:
    escaped = [escape_regex(one) for one in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _lucene(values: tuple[str, ...]) -> str:
    if not values:
        return "__empty__"
    escaped = [_LUCENE_SPECIAL.sub(r"\\\g<0>", one) for one in values]
    if len(escaped) == 1:
        return escaped[0]
    return "(" + " OR ".join(f'"{one}"' for one in escaped) + ")"


def _json(values: tuple[str, ...]) -> str:
    return orjson.dumps(values[0] if len(values) == 1 else values).decode()


def _percent(text: str) -> str:
    return quote(text, safe="")


def _quoted(mark: str, escaped: str) -> Callable[[tuple[str, ...]], str]:
    def join(values: tuple[str, ...]) -> str:
        return ",".join(f"{mark}{one.replace(mark, escaped)}{mark}" for one in values)

    return join


_FORMATS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "raw": ",".join,
    "csv": ",".join,
    "distributed": ",".join,
    "pipe": "|".join,
    "regex": _regex,
    "json": _json,
    "lucene": _lucene,
    "singlequote": _quoted("'", "\\'"),
    "doublequote": _quoted('"', '\\"'),
    "sqlstring": _quoted("'", "''"),
    "percentencode": lambda values: _percent(_glob(values)),
    "uriencode": lambda values: quote(_glob(values), safe="!#$&'()*+,/:;=?@[]~"),
}
#: Tokens of formats of times, as moment.js has them.
_TOKENS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def _date(text: str, form: str) -> str:
    """A time (milliseconds): as ISO 8601, `seconds`, or as a pattern such as `YYYY-MM`; UTC."""
    try:
        ms = int(text)
        moment = _EPOCH + timedelta(milliseconds=ms)
    except (ValueError, OverflowError):
        return text
    millis = f"{ms % 1000:03d}"
    if form in {"", "iso"}:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis}Z"
    if form == "seconds":
        return str(ms // 1000)
    pattern = "|".join([*_TOKENS, "SSS", r"\[[^\]]*\]"])

    def replace(match: re.Match[str]) -> str:
        if match[0].startswith("["):
            return match[0][1:-1]
        return millis if match[0] == "SSS" else moment.strftime(_TOKENS[match[0]])

    return re.sub(pattern, replace, form)
