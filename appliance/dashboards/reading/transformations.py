"""Transformations of answers: which can be done, and why the others are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.dashboards.fields import Matcher
from appliance.dashboards.loose import flag, mapping, mappings, text
from appliance.dashboards.model import Severity, Transformation

if TYPE_CHECKING:
    from appliance.dashboards.reading.scope import Place, Scope

SUPPORTED = frozenset(
    [
        "organize",
        "reduce",
        "merge",
        "joinByField",
        "filterFieldsByName",
        "filterByRefId",
        "filterByValue",
        "calculateField",
        "sortBy",
        "limit",
        "groupBy",
        "labelsToFields",
        "renameByRegex",
        "convertFieldType",
        "seriesToRows",
        "concatenate",
        "timeSeriesTable",
        "histogram",
        "extractFields",
    ]
)
#: Other names of the same.
_ALIASES = {"seriesToColumns": "joinByField", "filterFields": "filterFieldsByName"}
#: Those that change nothing: frames of time series have one form here.
_IDLE = frozenset(["noop", "prepareTimeSeries"])
REASONS = {
    "configFromData": "units and thresholds that come from data are not taken",
    "rowsToFields": "rows are not turned into fields",
    "partitionByValues": "frames are not split by values",
    "heatmap": "a heatmap is made by its panel, not by a transformation",
    "groupingToMatrix": "tables are not pivoted",
    "transpose": "tables are not pivoted",
    "spatial": "there are no maps",
    "fieldLookup": "there are no maps",
    "regression": "trends are not computed",
    "smoothing": "lines are not smoothed",
    "formatTime": "times are shown in the range's own format",
    "formatString": "texts are shown as they are",
    "joinByLabels": "frames are not joined by labels",
}


def read_transformations(value: object, scope: Scope, place: Place) -> tuple[Transformation, ...]:
    """The transformations of a panel, in their order; those left out say why."""
    found = []
    for item in mappings(value):
        written = text(item.get("id"))
        name = _ALIASES.get(written, written)
        if not name or name in _IDLE:
            continue
        is_off = flag(item.get("disabled"))
        reason = "" if name in SUPPORTED else REASONS.get(name, "it is not known here")
        if reason and not is_off:
            message = f"the transformation {name} is left out: {reason}"
            scope.tell("transformation", message, place=place, severity=Severity.WARNING)
        chosen = mapping(item.get("filter"))
        filter_id = text(chosen.get("id"))
        found.append(
            Transformation(
                name,
                mapping(item.get("options")),
                disabled=is_off,
                filter=Matcher(filter_id, chosen.get("options")) if filter_id else None,
                reason=reason,
            )
        )
    return tuple(found)
