"""Stages one after the other."""

from __future__ import annotations

from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stage_config import Stage
from appliance.ingest.tail.stages.context import StageContext
from appliance.ingest.tail.stages.pipeline import Pipeline
from tests.ingest.tail.stages.piping import one, pipeline

NGINX = r"""
    - regex:
        expression: '\[(?P<ts>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+)[^"]*" (?P<status>\d+)'
    - timestamp: {source: ts, format: '02/Jan/2006:15:04:05 -0700'}
    - labels: {method: , status: }
    - template: {source: short, template: '{{ .method }} {{ .path }}'}
    - output: {source: short}
"""


def test_a_usual_pipeline() -> None:
    line = '10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] "GET /x HTTP/1.1" 200 12'
    entry = one(NGINX, line, filename="access.log")
    assert (entry.line, entry.time_ns) == ("GET /x", 1_760_104_536 * 10**9)
    assert entry.labels == {"filename": "access.log", "method": "GET", "status": "200"}


def test_labels_are_extracted_values_from_the_start() -> None:
    assert one("- output: {source: filename}", "x", filename="f").line == "f"


def test_stages_that_are_not_available_are_left_out() -> None:
    stages = Pipeline([Stage(geoip={}), Stage(eventlogmessage={})])
    entry = Entry({"a": "b"}, 1, "x")
    assert stages.process([entry]) == [entry]


def test_a_pipeline_without_stages_passes_everything() -> None:
    stages = Pipeline([], "job", context=StageContext())
    assert stages.process([]) == stages.held() == stages.flush(0.0) == []


def test_names_of_stages_are_kept() -> None:
    assert [name for name, _ in pipeline(NGINX).stages] == [
        "regex",
        "timestamp",
        "labels",
        "template",
        "output",
    ]
