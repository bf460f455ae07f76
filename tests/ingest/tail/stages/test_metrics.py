"""Metrics made of entries."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stages.context import StageContext
from appliance.ingest.tail.stages.metrics import PipelineMetrics
from appliance.ingest.tail.stages.pipeline import Pipeline


def exposed(metrics: str, *lines: str, **labels: str) -> list[str]:
    text = f"""
scrape_configs:
  - job_name: test
    pipeline_stages:
      - json: {{expressions: {{a: , b: }}}}
      - metrics: {metrics}
"""
    decoded = load_text(PromtailConfig, text, file="p.yml", variables={})
    assert not decoded.problems, decoded.problems
    assert decoded.value is not None
    telemetry, clock = Telemetry(), ManualClock()
    context = StageContext(clock, PipelineMetrics(telemetry, clock))
    stages = Pipeline(decoded.value.scrape_configs[0].pipeline_stages, context=context)
    stages.process([Entry(dict(labels), n, line) for n, line in enumerate(lines)])
    shown = telemetry.expose().decode()
    return [line for line in shown.splitlines() if "promtail_custom_" in line or "mine_" in line]


_BYTES = "{action: add, match_all: true, count_entry_bytes: true}"
LINES = ('{"a":2,"b":"x"}', '{"a":"250ms"}', '{"b":"y"}', "text")


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ("{a: {type: Counter, config: {action: inc}}}", "promtail_custom_a 3"),
        ("{a: {type: counter, config: {action: add}}}", "promtail_custom_a 2.25"),
        ("{c: {type: Counter, source: b, config: {action: inc, value: x}}}", "promtail_custom_c 1"),
        ("{c: {type: Counter, config: {action: inc, match_all: true}}}", "promtail_custom_c 4"),
        (f"{{c: {{type: Counter, prefix: mine_, config: {_BYTES}}}}}", "mine_c 41"),
        ("{a: {type: Gauge, config: {action: set}}}", "promtail_custom_a 0.25"),
        ("{a: {type: Gauge, config: {action: dec}}}", "promtail_custom_a -3"),
        ("{a: {type: Gauge, config: {action: sub}}}", "promtail_custom_a -2.25"),
    ],
)
def test_actions(metrics: str, expected: str) -> None:
    assert exposed(metrics, *LINES)[-1] == expected


def test_histograms() -> None:
    found = exposed(
        "{a: {type: Histogram, description: 'A \\ b', config: {buckets: [1, 0.5]}}}",
        *LINES,
        job="j",
    )
    assert found == [
        "# HELP promtail_custom_a A \\\\ b",
        "# TYPE promtail_custom_a histogram",
        'promtail_custom_a_bucket{job="j",le="0.5"} 1',
        'promtail_custom_a_bucket{job="j",le="1"} 1',
        'promtail_custom_a_bucket{job="j",le="+Inf"} 2',
        'promtail_custom_a_sum{job="j"} 2.25',
        'promtail_custom_a_count{job="j"} 2',
    ]


def test_what_stages_drop_is_counted() -> None:
    telemetry, clock = Telemetry(), ManualClock()
    context = StageContext(clock, PipelineMetrics(telemetry, clock))
    context.count_dropped("why", 3)
    assert b'logentry_dropped_lines_total{reason="why"} 3.0' in telemetry.expose()
