"""What the data sources of dashboards mean here: one of our own engines, or nothing we can ask.

References come as names, uids, `{type, uid}`, `${DS_NAME}` of exports, variables, or not at all.
What cannot be found out binds to the engine that its query looks like: a dashboard that was made
elsewhere shows data at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import mapping, text
from appliance.dashboards.model import Datasource, Engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Plugins that speak a language of ours.
ENGINES: dict[str, Engine] = {
    "prometheus": Engine.PROMETHEUS,
    "grafana-amazonprometheus-datasource": Engine.PROMETHEUS,
    "grafana-azureprometheus-datasource": Engine.PROMETHEUS,
    "victoriametrics-datasource": Engine.PROMETHEUS,
    "victoriametrics-metrics-datasource": Engine.PROMETHEUS,
    "cortex": Engine.PROMETHEUS,
    "mimir": Engine.PROMETHEUS,
    "thanos": Engine.PROMETHEUS,
    "loki": Engine.LOKI,
    "tempo": Engine.TEMPO,
    "jaeger": Engine.TEMPO,
    "zipkin": Engine.TEMPO,
    "alertmanager": Engine.ALERTMANAGER,
    "camptocamp-prometheus-alertmanager-datasource": Engine.ALERTMANAGER,
    "grafana": Engine.GRAFANA,
    "datasource": Engine.GRAFANA,
    "-- grafana --": Engine.GRAFANA,
    "testdata": Engine.TESTDATA,
    "grafana-testdata-datasource": Engine.TESTDATA,
    "mixed": Engine.MIXED,
    "-- mixed --": Engine.MIXED,
    "dashboard": Engine.DASHBOARD,
    "-- dashboard --": Engine.DASHBOARD,
}
_EXPRESSION = frozenset(["__expr__", "expression"])
_VARIABLE = re.compile(r"^(?:\$(\w+)|\$\{(\w+)(?:[.:][^}]*)?\}|\[\[(\w+)(?::\w+)?\]\])$")
_NAMED = (
    (re.compile(r"(?i)alert-?manager"), Engine.ALERTMANAGER),
    (re.compile(r"(?i)loki|(?<![a-z])logs?(?![a-z])"), Engine.LOKI),
    (re.compile(r"(?i)tempo|jaeger|zipkin|(?<![a-z])traces?(?![a-z])"), Engine.TEMPO),
    (re.compile(r"(?i)prom|mimir|thanos|cortex|victoria"), Engine.PROMETHEUS),
)
_LOG_PIPELINE = re.compile(r"\}\s*(?:\||!=|!~|\[)")
_METRIC_NAME = re.compile(r"[a-zA-Z_:][\w:]*\s*\{")
_KEPT = "queries of Prometheus, Loki, Tempo, Jaeger and Alertmanager are answered here"
#: Keys of queries that only other plugins have.
_FOREIGN_KEYS = (
    ("rawSql", "SQL"),
    ("rawQuery", "InfluxDB"),
    ("measurement", "InfluxDB"),
    ("target", "Graphite"),
    ("bucketAggs", "Elasticsearch"),
    ("metricName", "CloudWatch"),
    ("azureMonitor", "Azure Monitor"),
)


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A data source that a provisioning file defines."""

    name: str
    uid: str
    type: str
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Data sources by all that they can be called.

    Attributes:
        inputs: Types of `${DS_NAME}` as an export says them, by name.
        variables: Types that variables of the dashboard choose from, by name.
    """

    provisioned: tuple[Provisioned, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def find(self, reference: object, query: Mapping[str, Any] | None = None) -> Datasource:
        """What a reference means.

        Args:
            reference: As in the file; None where there is none.
            query: The query that is asked there, to guess from.
        """
        given = mapping(reference)
        kind = text(given.get("type"))
        uid = text(given.get("uid")) or text(given.get("name"))
        if isinstance(reference, str):
            uid = reference
        if variable := _VARIABLE.match(uid):
            name = next(filter(None, variable.groups()))
            return self._chosen(name, kind, uid, query)
        special = _special(uid) or _special(kind)
        if special is not None:
            return Datasource(special, kind, uid, reason=_reason(special, kind or uid))
        if kind and not _VARIABLE.match(kind):
            return self._typed(kind, uid)
        return self._named(uid, query)

    def _chosen(
        self, variable: str, kind: str, uid: str, query: Mapping[str, Any] | None
    ) -> Datasource:
        """What `${variable}` stands for."""
        known = self.variables.get(variable)
        kind = kind if kind and "$" not in kind else known or self.inputs.get(variable, "")
        chooser = variable if known is not None else ""
        if kind:
            found = self._typed(kind, uid)
            return Datasource(found.engine, kind, uid, chooser, found.reason)
        engine = _by_name(variable) or guess(query)
        return Datasource(engine, "", uid, chooser, _reason(engine, _foreign(query)))

    def _typed(self, kind: str, uid: str) -> Datasource:
        engine = ENGINES.get(kind.lower(), Engine.UNSUPPORTED)
        return Datasource(engine, kind, uid, reason=_reason(engine, kind))

    def _named(self, name: str, query: Mapping[str, Any] | None) -> Datasource:
        """A name or uid without a type, or nothing at all."""
        is_default = name in {"", "default"}
        for one in self.provisioned:
            if (is_default and one.is_default) or (name and name in {one.name, one.uid}):
                found = self._typed(one.type, name or one.uid)
                looks = guess(query)
                # A default of another kind than the query is none: files name it by accident.
                if not (is_default and found.engine is Engine.UNSUPPORTED) or query is None:
                    return found
                return Datasource(looks, "", name, reason=_reason(looks, _foreign(query)))
        engine = (None if is_default else _by_name(name)) or guess(query)
        return Datasource(engine, "", name, reason=_reason(engine, _foreign(query)))


def guess(query: Mapping[str, Any] | None) -> Engine:
    """The engine that a query looks like; metrics when nothing can be seen."""
    if not query:
        return Engine.PROMETHEUS
    expr = query.get("expr")
    if isinstance(expr, str):
        is_log = _LOG_PIPELINE.search(expr) and not _METRIC_NAME.search(expr)
        bare = expr.lstrip().startswith("{") and "__name__" not in expr
        return Engine.LOKI if is_log or bare else Engine.PROMETHEUS
    if text(query.get("queryType")) in {
        "traceql",
        "traceqlSearch",
        "traceId",
        "serviceMap",
        "search",
    }:
        return Engine.TEMPO
    if text(query.get("query")).lstrip().startswith("{"):
        return Engine.TEMPO
    return Engine.UNSUPPORTED if _foreign(query) else Engine.PROMETHEUS


def engines_of(kinds: Iterable[str]) -> tuple[Engine, ...]:
    """The engines that types mean, each once."""
    found = (ENGINES.get(kind.lower(), Engine.UNSUPPORTED) for kind in kinds)
    return tuple(dict.fromkeys(found))


def _special(name: str) -> Engine | None:
    if name in _EXPRESSION:
        return Engine.UNSUPPORTED
    return ENGINES.get(name.lower()) if name.startswith("-- ") or name == "grafana" else None


def _by_name(name: str) -> Engine | None:
    return next((engine for pattern, engine in _NAMED if pattern.search(name)), None)


def _foreign(query: Mapping[str, Any] | None) -> str:
    """Whose query it is by its keys; empty when that is not seen."""
    given = query or {}
    return next((kind for key, kind in _FOREIGN_KEYS if text(given.get(key))), "")


def _reason(engine: Engine, kind: str) -> str:
    if engine is not Engine.UNSUPPORTED:
        return ""
    if kind in _EXPRESSION:
        return "expressions that Grafana's server computes are not computed here"
    return f"there is no data source of type {kind or 'unknown'} here; {_KEPT}"
