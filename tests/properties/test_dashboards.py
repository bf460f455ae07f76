"""Dashboards in whatever state: read or refused, never anything else; one form comes out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.dashboards.checks.problems import find_problems
from appliance.dashboards.checks.queries import metrics_of
from appliance.dashboards.interpolate import Value, interpolate, names_in
from appliance.dashboards.model import PANEL_TYPES, UNSUPPORTED, document
from appliance.dashboards.positions import offsets_of
from appliance.dashboards.reading.document import read_dashboard
from appliance.dashboards.report import as_problems

EXPORTS = sorted((Path(__file__).parents[1] / "dashboards" / "exports").glob("*.json"))
DOCUMENTS = [orjson.loads(path.read_bytes()) for path in EXPORTS]
KEYS = sorted({"type", "id", "options", "targets", "gridPos", "expr", "datasource", "list", "name"})
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "$x", "${DS_X}", "-- Mixed --", "graph", "table", "1e999", "/.*/", "NaN"]
    )
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    level = [value]
    while level:
        item = level.pop()
        pairs = list(item.items()) if isinstance(item, dict) else list(enumerate(item))
        for key, inner in pairs:
            found.append((item, key))
            if isinstance(inner, dict | list):
                level.append(inner)
    return found


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A real-looking dashboard in which some parts are something else, or gone."""
    found: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 6))):
        container, key = draw(st.sampled_from(places(found)))
        if isinstance(container, dict) and draw(st.booleans()):
            container.pop(key, None)
        elif isinstance(container, dict) or key < len(container):
            container[key] = draw(json_values)
        if not places(found):
            break
    return found


@given(damaged())
def test_damage_is_read_or_refused(given_json: dict[str, Any]) -> None:
    data = orjson.dumps(given_json)
    try:
        reading = read_dashboard(data, name="file")
    except BadInput:
        return
    findings = find_problems(reading.dashboard, reading.findings)
    list(metrics_of(reading.dashboard))
    as_json = orjson.loads(orjson.dumps([document(reading.dashboard), document(findings)]))
    panels = reading.dashboard.panels()
    assert as_json[0]["title"]
    assert len({panel.id for panel in panels}) == len(panels)
    assert {panel.type for panel in panels} <= PANEL_TYPES | {UNSUPPORTED}
    listed = {finding.panel_id for finding in findings}
    assert all(panel.id in listed for panel in panels if panel.type == UNSUPPORTED)
    for panel in panels:
        assert 0 <= panel.grid.x <= panel.grid.x + panel.grid.width <= 24
    lines = data.count(b"\n") + 1
    assert all(1 <= one.line <= lines for one in as_problems(findings, data, "f"))


@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for document_ in (value, {"panels": value}, {"panels": [value]}, {"rows": [{"panels": value}]}):
        try:
            reading = read_dashboard(orjson.dumps(document_))
        except BadInput:
            continue
        find_problems(reading.dashboard, reading.findings)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="."):
        read_dashboard(data)


@given(st.sampled_from(EXPORTS), st.data())
def test_panels_of_a_row_never_overlap(path: Path, data: st.DataObject) -> None:
    raw = orjson.loads(path.read_bytes())
    inner = raw.get("dashboard", raw)
    for panel in inner.get("panels", []):
        place = st.fixed_dictionaries(
            {"x": st.integers(0, 30), "y": st.integers(0, 9), "w": st.integers(1, 30)}
        )
        if isinstance(panel, dict):
            panel["gridPos"] = data.draw(place) | {"h": data.draw(st.integers(1, 9))}
    for row in read_dashboard(orjson.dumps(raw)).dashboard.rows:
        cells = [
            (x, y)
            for panel in row.panels
            for x in range(panel.grid.x, panel.grid.x + panel.grid.width)
            for y in range(panel.grid.y, panel.grid.y + panel.grid.height)
        ]
        assert len(cells) == len(set(cells))


@given(json_values, st.booleans())
def test_offsets_lead_to_the_values(value: Any, is_indented: bool) -> None:  # noqa: FBT001
    option = orjson.OPT_INDENT_2 if is_indented else None
    text = orjson.dumps({"a": [value, 1]}, option=option).decode()
    paths = {("a",), ("a", 0), ("a", 1), ("a", 7), ("b", "c")}
    found = offsets_of(text, paths)
    assert text[found["a", 1]] == "1"
    assert text[found["a",]] == "["
    assert found["a", 7] == found["a",]
    assert found["b", "c"] == 0
    decoded, _ = orjson.loads(text)["a"]
    assert text[found["a", 0] :].startswith(orjson.dumps(decoded, option=None).decode()[:1])


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=3), st.text(max_size=5)))
def test_texts_without_known_variables_stay(text: str, values: dict[str, str]) -> None:
    known = {name: Value((value,)) for name, value in values.items()}
    if not any(name in known for name in names_in(text)):
        assert interpolate(text, known) == text
