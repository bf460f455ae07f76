"""A file's bytes to a dashboard, and what of it is wrong or not supported."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from appliance.dashboards.datasources import Sources
from appliance.dashboards.loose import flag, integer, mapping, mappings, sequence, text, texts
from appliance.dashboards.model import Dashboard, Finding, Severity, TimeRange
from appliance.dashboards.reading.annotations import read_annotations
from appliance.dashboards.reading.envelope import elements_of, inputs_of, open_envelope, parse_json
from appliance.dashboards.reading.links import read_links
from appliance.dashboards.reading.rows import read_rows
from appliance.dashboards.reading.scope import Scope
from appliance.dashboards.reading.variables import read_variables

if TYPE_CHECKING:
    from appliance.dashboards.model import Path
    from appliance.dashboards.reading.envelope import Opened

Json = dict[str, Any]
_CURSORS = ("off", "crosshair", "tooltip")
_UID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Reading(NamedTuple):
    """A dashboard, and what was found while it was read."""

    dashboard: Dashboard
    findings: list[Finding]


def read_dashboard(data: bytes, *, name: str = "", sources: Sources | None = None) -> Reading:
    """Read a dashboard of any age.

    Args:
        data: The file.
        name: The file's, without its ending: where the dashboard names neither uid nor title.
        sources: Data sources that are provisioned.

    Raises:
        BadInput: It is no dashboard at all; `position` says where if it is no JSON.
    """
    document = parse_json(data)
    opened = open_envelope(document)
    json = opened.json
    inputs, constants = inputs_of(document, json)
    elements = elements_of(document, json)
    variables = sequence(mapping(json.get("templating")).get("list"))
    known = dataclasses.replace(sources or Sources(), inputs=inputs, variables=_choosers(variables))
    scope = Scope(known, constants, elements)
    found = _dashboard(json, scope, opened.path or ())
    dashboard = dataclasses.replace(
        found, uid=uid_of(opened, name), title=found.title or name or "Untitled"
    )
    if opened.path is None:  # places in a file that has other parts than these
        scope.findings = [dataclasses.replace(one, path=()) for one in scope.findings]
    return Reading(dashboard, scope.findings)


def uid_of(opened: Opened, name: str = "") -> str:
    """The dashboard's own uid, else one that is made of the file's name or the title."""
    uid = text(opened.json.get("uid")) or opened.uid
    return uid if _UID.fullmatch(uid) else slug(uid or name or text(opened.json.get("title")))


def slug(name: str) -> str:
    """A uid made of a name."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64]
    return found or "dashboard"


def _dashboard(json: Json, scope: Scope, path: Path) -> Dashboard:
    times = mapping(json.get("time"))
    title = text(json.get("title")).strip()
    if not title:
        scope.tell("no-title", "it has no title", hint="add `title`", severity=Severity.INFO)
    cursor = integer(json.get("graphTooltip")) or 0
    if flag(json.get("sharedCrosshair")):
        cursor = 1
    refresh = text(json.get("refresh"))
    templating = sequence(mapping(json.get("templating")).get("list"))
    annotations = sequence(mapping(json.get("annotations")).get("list"))
    return Dashboard(
        uid="",
        title=title,
        description=text(json.get("description")),
        tags=tuple(dict.fromkeys(texts(json.get("tags")))),
        time=TimeRange(
            text(times.get("from")) or TimeRange().start, text(times.get("to")) or TimeRange().end
        ),
        refresh="" if refresh in {"false", "true"} else refresh,
        timezone=_timezone(text(json.get("timezone"))),
        week_start=text(json.get("weekStart")),
        cursor=_CURSORS[cursor] if 0 <= cursor < len(_CURSORS) else "off",
        links=read_links(json.get("links")),
        annotations=read_annotations(annotations, scope, (*path, "annotations", "list")),
        variables=read_variables(templating, scope, (*path, "templating", "list")),
        rows=read_rows(json, scope, path),
        schema_version=integer(json.get("schemaVersion")) or 0,
    )


def _timezone(name: str) -> str:
    return {"": "browser", "UTC": "utc", "Etc/UTC": "utc"}.get(name, name)


def _choosers(variables: list[Any]) -> dict[str, str]:
    """Types that variables of kind `datasource` choose from, by the variable's name."""
    return {
        text(one.get("name")): text(one.get("query"))
        for one in mappings(variables)
        if text(one.get("type")) == "datasource"
    }
