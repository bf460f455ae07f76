"""The shipped dashboards: sound in Grafana's eyes, and every query finds data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.logql.parser import parse as parse_logql
from appliance.packs.load import load_pack, pack_names
from appliance.promql.ast import Expr, VectorSelector
from appliance.promql.engine import evaluate
from appliance.promql.parser import parse as parse_promql
from appliance.traceql.parser import parse_query as parse_traceql
from tests.dashboards.scraped import END_MS, scraped
from tests.dashboards.shipped import (
    BUILT_IN,
    FILES,
    UIDS,
    load,
    names_used,
    panels,
    queries,
    variables,
)
from tests.sources import make_guard

METRICS = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
WITH_UNIT = {"stat", "gauge", "bargauge", "timeseries", "table", "piechart", "heatmap"}
WITHOUT_QUERY = {"alertlist", "text"}
each = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def selectors(expr: Expr) -> Iterator[VectorSelector]:
    if isinstance(expr, VectorSelector):
        yield expr
    for child in expr.children():
        yield from selectors(child)


def test_those_that_are_asked_for_are_there() -> None:
    assert {
        "appliance", "cadvisor", "demo-shop", "immoflowme-business", "immoflowme-slo", "nginx",
        "node", "overview", "pm2", "postgres", "redis", "security", "system-overview",
    } <= UIDS  # fmt: skip


@each
def test_a_file_is_kept_as_one_would_write_it(path: Path) -> None:
    dashboard = load(path)
    text = json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n"
    assert path.read_text(encoding="utf-8") == text
    assert dashboard["uid"] == path.stem
    assert dashboard["title"]
    assert dashboard["description"].endswith(".")
    assert "appliance" in dashboard["tags"]
    assert dashboard["schemaVersion"] >= 39
    assert dashboard["editable"] is False
    assert "id" not in dashboard


@each
def test_panels_lie_on_the_grid(path: Path) -> None:
    dashboard = load(path)
    every = [item for row in dashboard["panels"] for item in [row, *row.get("panels", [])]]
    ids = [panel["id"] for panel in every]
    assert len(set(ids)) == len(ids)
    assert len(dashboard["panels"]) <= 25
    for group in [dashboard["panels"], *(row.get("panels", []) for row in dashboard["panels"])]:
        taken: set[tuple[int, int]] = set()
        for panel in group:
            at = panel["gridPos"]
            assert at["x"] + at["w"] <= 24
            cells = {
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            }
            assert not cells & taken, panel["title"]
            taken |= cells


@each
def test_panels_say_what_they_show(path: Path) -> None:
    for panel in panels(load(path)):
        assert panel["title"]
        assert panel["type"] == "text" or panel["description"], panel["title"]
        if panel["type"] in WITH_UNIT:
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        if panel["type"] not in WITHOUT_QUERY:
            assert panel["targets"], panel["title"]


@each
def test_variables_are_defined_and_used(path: Path) -> None:
    dashboard = load(path)
    defined = variables(dashboard)
    rest = {key: value for key, value in dashboard.items() if key != "templating"}
    used = names_used(json.dumps(rest)) | names_used(
        json.dumps([[item["query"], item.get("datasource")] for item in defined.values()])
    )
    used = {name for name in used if not name.startswith("__")}
    assert used == set(defined)
    assert {name for query in queries(dashboard) for name in names_used(query.written)} <= (
        set(defined) | set(BUILT_IN)
    )
    for item in defined.values():
        if item["type"] == "datasource":
            assert item["name"] == f"{item['query']}_datasource"
            assert item["label"] == f"{item['query'].title()} data source"
        elif item["includeAll"]:
            assert item["allValue"] == ".+"
            assert item["refresh"] == 2


@each
def test_every_data_source_is_a_variable(path: Path) -> None:
    dashboard = load(path)
    for panel in panels(dashboard):
        if panel["type"] == "text":
            continue
        source = panel["datasource"]
        assert source["uid"] == f"${{{source['type']}_datasource}}", panel["title"]
    for item in dashboard["annotations"]["list"]:
        assert item["datasource"]["uid"] == "${prometheus_datasource}"


@each
def test_rates_fit_the_resolution(path: Path) -> None:
    for query in queries(load(path)):
        if query.language == "prometheus":
            for window in re.findall(r"\brate\([^\[]*\[(.*?)\]", query.written):
                assert window in {"$__rate_interval", "5m", "15m"}, query.where


@each
def test_links_lead_to_shipped_dashboards(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r'"/d/([\w-]+)', text)) <= UIDS


@each
def test_every_query_parses(path: Path) -> None:
    readers: dict[str, Callable[[str], object]] = {
        "prometheus": parse_promql,
        "loki": parse_logql,
        "tempo": parse_traceql,
    }
    for query in queries(load(path)):
        readers[query.language](query.text)


def has_data(text: str, *, is_instant: bool) -> bool:
    step, start = (0, END_MS) if is_instant else (60_000, END_MS - 240_000)
    value: Any = evaluate(
        parse_promql(text), scraped(), start_ms=start, end_ms=END_MS, step_ms=step,
        guard=make_guard(),
    ).value  # fmt: skip
    return bool(len(value.series if hasattr(value, "series") else value.labels))


@each
def test_every_metric_query_finds_data_of_stock_exporters(path: Path) -> None:
    empty = [
        query.where
        for query in queries(load(path))
        if query.language == "prometheus"
        and not has_data(query.text, is_instant=bool(query.target.get("instant")))
    ]
    assert not empty


@pytest.mark.parametrize("uid", ["immoflowme-slo", "immoflowme-business"])
def test_every_selector_can_be_narrowed_to_jobs_and_instances(uid: str) -> None:
    (path,) = (path for path in FILES if path.stem == uid)
    dashboard = load(path)
    for name in ("job", "instance"):
        variable = variables(dashboard)[name]
        assert (variable["multi"], variable["label"]) == (True, name.title())
    for query in queries(dashboard):
        if query.language != "prometheus":
            continue
        text = re.sub(r"\$(job|instance)\b", r"CHOSEN_\1", query.written)
        for window in BUILT_IN:
            text = text.replace(f"${window}", BUILT_IN[window])
        for selector in selectors(parse_promql(text)):
            values = {matcher.name: matcher.value for matcher in selector.matchers}
            assert values.get("job") == "CHOSEN_job", query.where
            assert values.get("instance") == "CHOSEN_instance", query.where


def test_packs_name_dashboards_that_are_there() -> None:
    for name in pack_names():
        named = load_pack(name, {}).config.dashboards
        assert named, name
        assert set(named) <= UIDS, name


def test_what_the_dashboard_of_the_server_asks_for_is_documented() -> None:
    (path,) = (path for path in FILES if path.stem == "appliance")
    documented = METRICS.read_text(encoding="utf-8")
    for query in queries(load(path)):
        for selector in selectors(parse_promql(query.text)):
            name = re.sub(r"_(bucket|count|sum)$", "", selector.name)
            if not name.startswith("alertmanager_"):  # Alertmanager's own, by its names
                assert f"`{name}`" in documented, name
