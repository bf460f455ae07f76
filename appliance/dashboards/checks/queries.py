"""Queries of panels, annotations and variables: whether our engines understand them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from appliance.base.errors import BadInput
from appliance.dashboards.checks.assumed import STAND_INS, assumed_values, readings
from appliance.dashboards.interpolate import is_built_in, names_in
from appliance.dashboards.model import Finding, Severity
from appliance.logql.parser import parse as parse_logql
from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser import parse as parse_promql
from appliance.promql.walk import metric_names
from appliance.traceql.parser import parse_query as parse_traceql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from appliance.dashboards.interpolate import Value
    from appliance.dashboards.model import Dashboard, Panel, Path

_PARSERS: dict[str, Callable[[str], object]] = {
    "promql": lambda text: parse_promql(text, ALL_FEATURES),
    "logql": parse_logql,
    "traceql": parse_traceql,
}
#: Longer ones are not read: a query that people wrote has some thousand characters.
_LONGEST = 100_000
_FIXED_RATE = re.compile(r"\b(i?rate)\s*\([^()\[\]]*\[\s*(\d+(?:ms|s|m))\s*\]")
_INTERVAL_RATE = re.compile(r"\b(i?rate|increase)\s*\([^()\[\]]*\[\s*\$\{?__interval\b")
_SHORT_MINUTES = 10
_OVER_TIME = frozenset(["timeseries", "barchart", "heatmap", "state-timeline", "trend"])


class Query(NamedTuple):
    """A query somewhere in a dashboard, and what to say of whom it is."""

    language: str
    text: str
    subject: str
    path: Path
    panel: Panel | None = None
    ref_id: str = ""

    def finding(self, code: str, severity: Severity, message: str, hint: str = "") -> Finding:
        """A finding about it."""
        number = self.panel.id if self.panel else None
        title = self.panel.title if self.panel else ""
        said = f"{self.subject}{message}"
        return Finding(code, severity, said, hint, number, title, self.ref_id, self.path)


def queries_of(dashboard: Dashboard) -> Iterator[Query]:
    """All queries that are asked, with their variables."""
    for panel in dashboard.panels():
        for target in panel.targets if not panel.reason else ():
            if not target.hide and not target.reason and target.language in _PARSERS:
                path = (*target.path, "query" if target.language == "traceql" else "expr")
                yield Query(target.language, target.expr, "", path, panel, target.ref_id)
    for note in dashboard.annotations:
        if note.language in _PARSERS and note.enable:
            yield Query(note.language, note.expr, f"annotation {note.name!r}: ", note.path)
    for variable in dashboard.variables:
        query, source = variable.query, variable.datasource
        if query is None or source is None or variable.reason or source.engine.value == "tempo":
            continue
        language = "logql" if source.engine.value == "loki" else "promql"
        text = query.selector or (query.expr if query.kind == "queryResult" else "")
        if text:
            yield Query(language, text, f"${variable.name}: ", (*variable.path, "query"))


def judge_queries(dashboard: Dashboard) -> Iterator[Finding]:
    """What is wrong with the queries of a dashboard."""
    values = assumed_values(dashboard)
    names = frozenset(variable.name for variable in dashboard.variables)
    for query in queries_of(dashboard):
        if not query.text.strip():
            hint = "write one, or remove it"
            yield query.finding("empty-query", Severity.WARNING, "the query is empty", hint)
            continue
        missing = [name for name in names_in(query.text) if not _is_known(name, names, query)]
        for name in missing:
            message = f"there is no variable {name!r}"
            yield query.finding("unknown-variable", Severity.WARNING, message)
        error = _error(query, values, names | frozenset(missing))
        if error:
            yield query.finding(query.language, Severity.ERROR, error[0], error[1])
        yield from _remarks(query)


def metrics_of(dashboard: Dashboard) -> Iterator[tuple[Finding, str]]:
    """Metrics that queries read, each once in a panel.

    Yields:
        The finding to tell if there are no such series, and the metric's name.
    """
    values = assumed_values(dashboard)
    names = frozenset(variable.name for variable in dashboard.variables)
    seen: set[tuple[int | None, str]] = set()
    for query in queries_of(dashboard):
        if query.language != "promql":
            continue
        for name in _metrics(query, values, names):
            key = (query.panel.id if query.panel else None, name)
            if key not in seen:
                seen.add(key)
                message = f"there is no series of {name!r}"
                yield query.finding("no-series", Severity.WARNING, message), name


def _metrics(query: Query, values: Mapping[str, Value], names: frozenset[str]) -> list[str]:
    """Names that a query has itself, not out of variables."""
    for text in readings(query.text, values, names, query.language):
        try:
            found = metric_names(parse_promql(text, ALL_FEATURES))
        except BadInput:
            continue
        own = dict.fromkeys(name for name in found if name not in STAND_INS)
        return [name for name in own if name in query.text]
    return []


def _error(
    query: Query, values: Mapping[str, Value], names: frozenset[str]
) -> tuple[str, str] | None:
    """Message and excerpt of what is wrong, whatever variables may stand for; None if nothing."""
    if len(query.text) > _LONGEST:
        return f"the query is longer than {_LONGEST:,} characters", ""
    first: tuple[str, str] | None = None
    for text in dict.fromkeys(readings(query.text, values, names, query.language)):
        try:
            _PARSERS[query.language](text)
        except BadInput as error:
            message = error.message.partition("\n")[0]
            first = first or (message, _excerpt(text, error.position))
        else:
            return None
    return first


def _excerpt(text: str, position: int | None) -> str:
    """The part of a query around a place."""
    line = " ".join(text.split())
    if len(line) <= 120:
        return f"in: {line}"
    at = min(position or 0, len(text))
    around = " ".join(text[max(at - 50, 0) : at + 50].split())
    return f"in: …{around}…"


def _is_known(name: str, names: frozenset[str], query: Query) -> bool:
    """Whether a name is a variable's, or `$` has another meaning there."""
    is_group = name.isdigit()  # of label_replace and regular expressions
    is_template = query.language == "logql" and f"${name}" in query.text and "{{" in query.text
    return name in names or is_built_in(name) or is_group or is_template


def _remarks(query: Query) -> Iterator[Finding]:
    """What is valid and shows less than it could."""
    panel = query.panel
    if query.language != "promql" or panel is None or panel.type not in _OVER_TIME:
        return
    if match := _INTERVAL_RATE.search(query.text):
        message = f"{match[1]}() over $__interval: near the newest data it has one sample only"
        yield query.finding("rate-interval", Severity.INFO, message, "use $__rate_interval")
    elif (match := _FIXED_RATE.search(query.text)) and _is_short(match[2]):
        message = f"{match[1]}() over a fixed {match[2]}: it misses data in wide time ranges"
        yield query.finding("rate-interval", Severity.INFO, message, "use $__rate_interval")


def _is_short(duration: str) -> bool:
    minutes = duration.removesuffix("m")
    return not minutes.isdigit() or int(minutes) <= _SHORT_MINUTES
