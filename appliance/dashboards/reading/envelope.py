"""What dashboards are wrapped in: answers of Grafana's API, exports, Kubernetes' resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from appliance.base.errors import BadInput
from appliance.dashboards.loose import at, mapping, mappings, text
from appliance.dashboards.reading.v2 import is_v2, to_v1

if TYPE_CHECKING:
    from appliance.dashboards.model import Path

Json = dict[str, Any]
#: The largest file that is read.
MOST_BYTES = 5 << 20
#: The deepest nesting.
_DEEPEST = 100
_KEYS = frozenset(["panels", "rows", "templating", "schemaVersion", "elements"])
_API = "dashboard.grafana.app/"


class Opened(NamedTuple):
    """A dashboard's JSON.

    Attributes:
        json: In the first schema.
        path: Where it stands in the file; None where parts of it stand elsewhere.
        uid: From around it; empty when nothing is said there.
    """

    json: Json
    path: Path | None
    uid: str


def parse_json(data: bytes) -> Json:
    """The object that a file is.

    Raises:
        BadInput: It is too large, no JSON (`position` says where), no object, or nested too deep.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(f"larger than {MOST_BYTES >> 20} MiB")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = str(error).partition(": line ")[0]
        raise BadInput(f"no JSON: {reason}", position=error.pos) from error
    if not isinstance(found, dict):
        raise BadInput("no dashboard: a JSON object is expected")
    if _is_deep(found):
        raise BadInput(f"nested more than {_DEEPEST} deep")
    return found


def looks_like_dashboard(document: object) -> bool:
    """Whether a JSON document is a dashboard in some wrapping."""
    given = mapping(document)
    inner = mapping(given.get("dashboard")) or mapping(given.get("spec")) or given
    return bool(_KEYS & inner.keys()) or text(given.get("apiVersion")).startswith(_API)


def open_envelope(document: Json) -> Opened:
    """Take a dashboard out of what it is wrapped in.

    Raises:
        BadInput: There is none.
    """
    path: Path = ()
    inner = document
    if isinstance(document.get("dashboard"), dict):
        inner, path = document["dashboard"], ("dashboard",)
    uid = ""
    is_resource = isinstance(inner.get("spec"), dict) and "kind" in inner
    if is_resource and (_API in text(inner.get("apiVersion")) or _KEYS & inner["spec"].keys()):
        uid = text(at(inner, "metadata", "name"))
        inner, path = inner["spec"], (*path, "spec")
    if is_v2(inner):
        return Opened(to_v1(inner), None, uid)
    if not _KEYS & inner.keys():
        raise BadInput("no dashboard: it has neither panels nor rows; export one as JSON")
    return Opened(inner, path, uid)


def inputs_of(*documents: Json) -> tuple[dict[str, str], dict[str, str]]:
    """What an export asks for: types of data sources, and constants; both by name."""
    sources: dict[str, str] = {}
    constants: dict[str, str] = {}
    for document in documents:
        for item in mappings(document.get("__inputs")):
            name = text(item.get("name"))
            if text(item.get("type")) == "constant":
                constants[name] = text(item.get("value"))
            else:
                sources[name] = text(item.get("pluginId"))
    return sources, constants


def elements_of(*documents: Json) -> dict[str, Json]:
    """Library panels that an export brings along, by uid."""
    found: dict[str, Json] = {}
    for document in documents:
        given = document.get("__elements")
        items = list(given.values()) if isinstance(given, dict) else given
        for item in mappings(items):
            model = mapping(item.get("model"))
            if model:
                found[text(item.get("uid"))] = model
    return found


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below += [one for one in item.values() if isinstance(one, dict | list)]
            elif isinstance(item, list):
                below += [one for one in item if isinstance(one, dict | list)]
        if not below:
            return False
        level = below
    return True
