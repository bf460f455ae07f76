"""Annotations: queries whose answers are marks on charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import flag, integer, mapping, sequence, text, texts
from appliance.dashboards.model import Annotation, Engine, Severity
from appliance.dashboards.reading.scope import Place
from appliance.dashboards.reading.targets import read_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.dashboards.model import Path
    from appliance.dashboards.reading.scope import Scope

_LANGUAGES = frozenset(["promql", "logql", "traceql", "alerts"])


def read_annotations(items: Sequence[Any], scope: Scope, path: Path) -> tuple[Annotation, ...]:
    """All annotations."""
    found = []
    for index, item in enumerate(items):
        if isinstance(item, dict):
            found.append(_annotation(item, scope, (*path, index)))
    return tuple(found)


def _annotation(item: dict[str, Any], scope: Scope, path: Path) -> Annotation:
    name = text(item.get("name")) or "annotations"
    query = {**item, **mapping(item.get("target"))}
    query.pop("datasource", None)
    source = scope.sources.find(item.get("datasource"), query)
    target = read_target(query, source, scope)
    is_own = integer(item.get("builtIn")) == 1 or source.engine is Engine.GRAFANA
    by_tags = is_own and text(query.get("type")) == "tags"
    language = "alerts" if is_own and not by_tags else target.language
    reason = "" if is_own else target.reason
    if by_tags:
        reason = "annotations that were written by hand and given tags are not kept here"
    elif language not in _LANGUAGES or (language != "alerts" and not target.expr):
        reason = reason or "it has no query"
    if reason and flag(item.get("enable"), default=True):
        scope.tell(
            "annotation", f"{name!r}: {reason}", place=Place(path), severity=Severity.WARNING
        )
    chosen = mapping(item.get("filter"))
    return Annotation(
        name,
        "" if reason else language,
        source,
        expr=target.expr,
        enable=flag(item.get("enable"), default=True),
        hide=flag(item.get("hide")),
        color=text(item.get("iconColor")),
        step=text(item.get("step")) or target.interval,
        title_format=text(item.get("titleFormat")),
        text_format=text(item.get("textFormat")),
        tag_keys=_tag_keys(item.get("tagKeys")),
        use_value_for_time=text(item.get("useValueForTime")) in {"true", "on"},
        exclude=flag(chosen.get("exclude")),
        panels=tuple(
            panel for one in sequence(chosen.get("ids")) if (panel := integer(one)) is not None
        ),
        reason=reason,
        path=path,
    )


def _tag_keys(value: object) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else texts(value)
    return tuple(name.strip() for name in names if name.strip())
