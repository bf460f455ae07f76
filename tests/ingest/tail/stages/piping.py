"""Pipelines from YAML, for tests."""

from __future__ import annotations

import textwrap

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stages.context import StageContext
from appliance.ingest.tail.stages.metrics import PipelineMetrics
from appliance.ingest.tail.stages.pipeline import Pipeline


def pipeline(stages: str, clock: ManualClock | None = None, metrics: bool = False) -> Pipeline:  # noqa: FBT001, FBT002
    """A pipeline of stages written as YAML, one `- name: …` each."""
    used = clock or ManualClock()
    text = textwrap.indent(textwrap.dedent(stages), "      ")
    whole = f"scrape_configs:\n  - job_name: test\n    pipeline_stages:\n{text}"
    decoded = load_text(PromtailConfig, whole, file="promtail.yml", variables={})
    assert not decoded.problems, decoded.problems
    assert decoded.value is not None
    counted = PipelineMetrics(Telemetry(), used) if metrics else None
    job = decoded.value.scrape_configs[0]
    return Pipeline(job.pipeline_stages, "test", context=StageContext(used, counted))


def piped(stages: str, *lines: str, clock: ManualClock | None = None, **labels: str) -> list[Entry]:
    """What stages make of lines; their times are 0, 1, 2…"""
    entries = [Entry(dict(labels), number, line) for number, line in enumerate(lines)]
    return pipeline(stages, clock).process(entries)


def one(stages: str, line: str, **labels: str) -> Entry:
    """What stages make of a line."""
    (entry,) = pipeline(stages).process([Entry(dict(labels), 0, line)])
    return entry
