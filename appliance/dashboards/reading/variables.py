"""Variables (`templating.list`) of every kind."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import orjson

from appliance.dashboards.datasources import engines_of
from appliance.dashboards.interpolate import ALL, AUTO
from appliance.dashboards.loose import flag, integer, mapping, mappings, sequence, text, texts
from appliance.dashboards.model import Choice, Engine, Severity, Variable
from appliance.dashboards.reading.scope import Place
from appliance.dashboards.reading.variable_queries import read_query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.dashboards.model import Path
    from appliance.dashboards.reading.scope import Scope

KINDS = ("query", "custom", "interval", "datasource", "textbox", "constant", "adhoc", "switch")
_REFRESH = {0: "never", 1: "load", 2: "time"}
_HIDE = {1: "label", 2: "variable"}
_SORTS = ("text", "number", "textIgnoringCase", "natural")
_CONSTANT = re.compile(r"\$\{(\w+)\}")
_ITEM = re.compile(r"(?:\\,|[^,])+")
_PAIR = re.compile(r"^\s*(.+)\s:\s(.+)$", re.DOTALL)


def read_variables(items: Sequence[Any], scope: Scope, path: Path) -> tuple[Variable, ...]:
    """All variables; of two with one name the first counts."""
    found: dict[str, Variable] = {}
    for index, item in enumerate(items):
        given = mapping(item)
        name = text(given.get("name"))
        at = (*path, index)
        if not re.fullmatch(r"\w+", name):
            if name:
                message = f"variable {name!r} cannot be used: names are letters, digits and _"
                scope.tell("variable", message, place=Place(at))
            continue
        if name in found:
            scope.tell("variable", f"there are two variables {name!r}", place=Place(at))
            continue
        found[name] = _variable(given, name, scope, at)
    return tuple(found.values())


def _variable(item: dict[str, Any], name: str, scope: Scope, path: Path) -> Variable:
    kind = text(item.get("type"), "query")
    sort = integer(item.get("sort")) or 0
    refresh = item.get("refresh")
    common = Variable(
        name,
        kind,
        label=text(item.get("label")),
        description=text(item.get("description")),
        hide=_hide(item),
        multi=flag(item.get("multi")),
        include_all=flag(item.get("includeAll")),
        all_value=text(item.get("allValue")) or None,
        allow_custom=flag(item.get("allowCustomValue"), default=True),
        current=_current(item),
        options=tuple(_choices(item.get("options"))),
        regex=text(item.get("regex")),
        sort_by=_SORTS[(sort - 1) // 2] if 1 <= sort <= 2 * len(_SORTS) else "none",
        descending=sort > 0 and sort % 2 == 0,
        refresh=_REFRESH.get(int(refresh) if isinstance(refresh, int) else 1, "load"),
        skip_url_sync=flag(item.get("skipUrlSync")),
        path=path,
    )
    read = _KINDS.get(kind)
    if read is None:
        reason = f"variables of kind {kind!r} are not known here; the saved value is used"
        scope.tell("variable", f"${name}: {reason}", place=Place(path))
        return dataclasses.replace(common, kind="textbox", reason=reason)
    return read(common, item, scope)


def _of_query(common: Variable, item: dict[str, Any], scope: Scope) -> Variable:
    query = item.get("query")
    source = scope.sources.find(item.get("datasource"), mapping(query) or None)
    found = read_query(query, source.engine, text(item.get("definition")))
    reason = source.reason
    if not found.kind and not reason:
        said = f" ({query[:80]!r})" if isinstance(query, str) and query else ""
        reason = f"its query{said} asks for nothing that is known here"
    if reason:
        message = f"${common.name}: {reason}"
        scope.tell("variable", message, place=Place(common.path), severity=Severity.ERROR)
    is_frozen = common.refresh == "never" and not common.options
    return dataclasses.replace(
        common,
        query=found,
        datasource=source,
        refresh="load" if is_frozen else common.refresh,
        reason=reason,
    )


def _of_list(common: Variable, item: dict[str, Any], scope: Scope) -> Variable:
    query = _with_constants(text(item.get("query")), scope)
    written = _of_json(query) if text(item.get("valuesFormat")) == "json" else _written(query)
    options = tuple(written) or common.options
    return dataclasses.replace(common, options=options, current=common.current or options[:1])


def _of_interval(common: Variable, item: dict[str, Any], scope: Scope) -> Variable:
    query = _with_constants(text(item.get("query")), scope)
    words = [word.strip(" \"'") for word in query.split(",")]
    options = tuple(Choice(word, word) for word in words if word and word != "auto")
    options = options or tuple(one for one in common.options if one.value != AUTO)
    has_auto = flag(item.get("auto"))
    current = common.current or ((Choice("auto", AUTO),) if has_auto else options[:1])
    return dataclasses.replace(
        common,
        options=options,
        current=current,
        auto=has_auto or any(one.value == AUTO for one in current),
        auto_count=max(integer(item.get("auto_count")) or 30, 1),
        auto_min=text(item.get("auto_min")) or "10s",
    )


def _of_datasource(common: Variable, item: dict[str, Any], scope: Scope) -> Variable:
    kind = text(item.get("query"))
    source = scope.sources.find({"type": kind})
    engines = engines_of([kind]) if kind else (Engine.PROMETHEUS,)
    if source.reason:
        message = f"${common.name}: {source.reason}"
        scope.tell("datasource", message, place=Place(common.path))
    return dataclasses.replace(common, engines=engines, datasource=source, reason=source.reason)


def _of_constant(common: Variable, item: dict[str, Any], scope: Scope) -> Variable:
    """One value: a constant, or what stands in a text box at first."""
    value = _with_constants(text(item.get("query")), scope)
    saved = common.current
    current = saved if saved and not (common.kind == "constant" and value) else ()
    current = current or (Choice(value, value),)
    hide = common.hide or ("variable" if common.kind == "constant" else "")
    return dataclasses.replace(common, current=current, options=(), hide=hide)


def _of_filters(common: Variable, item: dict[str, Any], scope: Scope) -> Variable:
    source = scope.sources.find(item.get("datasource"))
    filters = tuple(
        (text(one.get("key")), text(one.get("operator"), "="), text(one.get("value")))
        for one in [*mappings(item.get("baseFilters")), *mappings(item.get("filters"))]
        if text(one.get("key"))
    )
    if source.reason:
        message = f"${common.name}: {source.reason}"
        scope.tell("datasource", message, place=Place(common.path))
    return dataclasses.replace(common, datasource=source, filters=filters, reason=source.reason)


def _of_switch(common: Variable, item: dict[str, Any], _scope: Scope) -> Variable:
    on = text(item.get("enabledValue")) or (common.options[0].value if common.options else "true")
    off = text(item.get("disabledValue"))
    off = off or (common.options[1].value if len(common.options) > 1 else "false")
    options = (Choice(on, on), Choice(off, off))
    return dataclasses.replace(common, options=options, current=common.current or options[1:])


_KINDS: dict[str, Callable[[Variable, dict[str, Any], Scope], Variable]] = dict(
    zip(
        KINDS,
        (
            _of_query,
            _of_list,
            _of_interval,
            _of_datasource,
            _of_constant,
            _of_constant,
            _of_filters,
            _of_switch,
        ),
        strict=True,
    )
)


def _with_constants(value: str, scope: Scope) -> str:
    """A text with the `${VAR_NAME}` of an export in place."""
    return _CONSTANT.sub(lambda match: scope.constants.get(match[1], match[0]), value)


def _hide(item: dict[str, Any]) -> str:
    if flag(item.get("hideVariable")):
        return "variable"
    return "label" if flag(item.get("hideLabel")) else _HIDE.get(integer(item.get("hide")) or 0, "")


def _current(item: dict[str, Any]) -> tuple[Choice, ...]:
    """What is chosen; of the many ways to say "All" there is one left."""
    given = mapping(item.get("current"))
    values = texts(given.get("value")) or tuple(_number(given.get("value")))
    shown = texts(given.get("text"))
    if not values:
        return ()
    if values[0] in {ALL, "$__all"} or (shown == ("All",) and flag(item.get("includeAll"))):
        return (Choice("All", ALL),)
    if len(values) == 1 and values[0].startswith("$__auto"):
        return (Choice("auto", AUTO),)
    shown = shown if len(shown) == len(values) else values
    return tuple(Choice(name, value) for name, value in zip(shown, values, strict=True))


def _number(value: object) -> list[str]:
    return [text(value)] if isinstance(value, bool | int | float) else []


def _choices(value: object) -> list[Choice]:
    """Options as saved, without "All"."""
    found = []
    for item in sequence(value):
        given = mapping(item)
        chosen = text(given.get("value")) if given else text(item)
        if chosen and chosen != ALL and not chosen.startswith("$__auto"):
            found.append(Choice(text(given.get("text")) or chosen, chosen))
    return found


def _of_json(query: str) -> list[Choice]:
    """The choices of a custom variable whose query is a JSON list."""
    try:
        return _choices(orjson.loads(query))
    except orjson.JSONDecodeError:
        return []


def _written(query: str) -> list[Choice]:
    """The choices of a custom variable: `a, b, shown : value`, commas after backslashes."""
    found = []
    for part in _ITEM.findall(query):
        word = part.replace("\\,", ",").strip()
        if match := _PAIR.match(word):
            found.append(Choice(match[1].strip(), match[2].strip()))
        elif word:
            found.append(Choice(word, word))
    return found
