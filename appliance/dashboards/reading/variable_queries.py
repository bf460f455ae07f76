"""Where variables take their values from: texts such as `label_values(up, job)`, and objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.dashboards.loose import integer, mapping, mappings, text
from appliance.dashboards.model import Engine, VariableQuery

if TYPE_CHECKING:
    from collections.abc import Callable

_LABEL_NAMES = re.compile(r"^label_names\(\s*(.*?)\s*\)\s*$", re.DOTALL)
_LABEL_VALUES = re.compile(
    r"^label_values\(\s*(?:(.+),\s*)?(\"[^\"]+\"|[\w.$:{}\[\]]+)\s*\)\s*$", re.DOTALL
)
_METRICS = re.compile(r"^metrics\(\s*(.+?)\s*\)\s*$", re.DOTALL)
_RESULT = re.compile(r"^query_result\((.+)\)\s*$", re.DOTALL)
#: `qryType` of Grafana's query editor for Prometheus.
_NAMES, _VALUES, _METRIC, _QUERY_RESULT, _SERIES = 0, 1, 2, 3, 4
#: `type` of those for Loki and Tempo.
_OF_NAMES, _OF_VALUES = 0, 1


def read_query(query: object, engine: Engine, definition: str = "") -> VariableQuery:
    """A variable's query; its kind is empty when it asks for nothing we know.

    Args:
        query: A text, or an object of the query editor.
        definition: What Grafana keeps beside an object, as text.
    """
    if isinstance(query, str):
        return _of_text(query.strip(), engine)
    given = mapping(query)
    read = _OBJECTS.get(engine)
    found = read(given) if read is not None else VariableQuery("")
    return found if found.kind else _of_text(definition.strip(), engine)


def _of_text(query: str, engine: Engine) -> VariableQuery:
    if not query or engine not in _OBJECTS:
        return VariableQuery("")
    if match := _LABEL_NAMES.match(query):
        return VariableQuery("labelNames", selector=match[1])
    if match := _LABEL_VALUES.match(query):
        selector = (match[1] or "").strip()
        return VariableQuery("labelValues", label=match[2].strip('"'), selector=selector)
    return _of_metrics(query) if engine is Engine.PROMETHEUS else VariableQuery("")


def _of_metrics(query: str) -> VariableQuery:
    """What only Prometheus has."""
    if match := _METRICS.match(query):
        return VariableQuery("metrics", expr=match[1].strip('"'))
    if match := _RESULT.match(query):
        return VariableQuery("queryResult", expr=match[1].strip())
    return VariableQuery("series", selector=query)


def _of_prometheus(given: dict[str, object]) -> VariableQuery:
    kind, label = integer(given.get("qryType")), text(given.get("label"))
    written = text(given.get("query")).strip()
    if kind == _NAMES:
        return VariableQuery("labelNames", selector=text(given.get("match")))
    if kind == _VALUES and label:
        return VariableQuery("labelValues", label=label, selector=_selector(given))
    if kind == _METRIC:
        pattern = text(given.get("metric")) or _of_text(written, Engine.PROMETHEUS).expr
        return VariableQuery("metrics", expr=pattern or ".*")
    if kind == _QUERY_RESULT:
        expr = text(given.get("varQuery")) or written
        match = _RESULT.match(expr)
        return VariableQuery("queryResult", expr=match[1].strip() if match else expr)
    if kind == _SERIES:
        return VariableQuery("series", selector=text(given.get("seriesQuery")) or written)
    return _of_text(written or text(given.get("expr")).strip(), Engine.PROMETHEUS)


def _selector(given: dict[str, object]) -> str:
    """The selector of a form: a metric's name and filters of labels."""
    filters = [
        f'{text(item.get("label"))}{text(item.get("op"), "=")}"{text(item.get("value"))}"'
        for item in mappings(given.get("labelFilters"))
        if text(item.get("label"))
    ]
    metric = text(given.get("metric"))
    if metric or filters:
        return f"{metric}{{{','.join(filters)}}}" if filters else metric
    match = _LABEL_VALUES.match(text(given.get("query")).strip())
    return (match[1] or "").strip() if match else ""


def _of_loki(given: dict[str, object]) -> VariableQuery:
    kind, label = integer(given.get("type")), text(given.get("label"))
    if kind == _OF_NAMES:
        return VariableQuery("labelNames")
    if kind == _OF_VALUES and label:
        return VariableQuery("labelValues", label=label, selector=text(given.get("stream")))
    return _of_text(text(given.get("query")).strip(), Engine.LOKI)


def _of_tempo(given: dict[str, object]) -> VariableQuery:
    kind, label = integer(given.get("type")), text(given.get("label"))
    if kind == _OF_NAMES:
        return VariableQuery("labelNames")
    if kind == _OF_VALUES and label:
        return VariableQuery("labelValues", label=label)
    return _of_text(text(given.get("query")).strip(), Engine.TEMPO)


_OBJECTS: dict[Engine, Callable[[dict[str, object]], VariableQuery]] = {
    Engine.PROMETHEUS: _of_prometheus,
    Engine.LOKI: _of_loki,
    Engine.TEMPO: _of_tempo,
}
