"""What container runtimes write."""

from __future__ import annotations

import math

from appliance.ingest.tail.entry import Entry
from tests.ingest.tail.stages.piping import one, piped, pipeline

LINE = '{"log":"hello\\n","stream":"stderr","time":"2024-05-06T07:08:09.123456789Z"}'
NS = 1_714_979_289_123_456_789


def test_docker_lines_are_unwrapped() -> None:
    entry = one("- docker: {}", LINE, job="j")
    assert (entry.line, entry.time_ns) == ("hello\n", NS)
    assert entry.labels == {"job": "j", "stream": "stderr"}


def test_what_docker_did_not_write_stays() -> None:
    first, second, third = piped("- docker:", LINE, "no json", '{"other": 1}')
    assert (second.line, third.line) == ("no json", '{"other": 1}')
    assert first.time_ns == NS
    assert second.time_ns == 1  # of another stream: without the label


def test_cri_lines_are_unwrapped() -> None:
    entry = one("- cri: {}", "2024-05-06T07:08:09.123456789Z stdout F a b\tc ")
    assert (entry.line, entry.time_ns, entry.labels) == ("a b\tc ", NS, {"stream": "stdout"})


def test_partial_lines_are_joined_by_stream() -> None:
    stages = pipeline("- cri: {}")
    texts = ["stdout P one ", "stderr F other", "stdout P two ", "stdout F three", "stdout F four"]
    entries = [
        Entry({}, n, f"2024-05-06T07:08:0{n}Z {text}", origins=(n,)) for n, text in enumerate(texts)
    ]
    assert [e.line for e in stages.process(entries[:3])] == ["other"]
    assert [(e.line, e.origins) for e in stages.held()] == [("one two ", (0, 2))]
    out = stages.process(entries[3:])
    assert [(e.line, e.origins) for e in out] == [("one two three", (0, 2, 3)), ("four", (4,))]
    assert out[0].time_ns == 1_714_979_283 * 10**9
    assert stages.held() == []


def test_partial_lines_may_be_cut_and_are_bounded() -> None:
    config = """
        - cri:
            max_partial_lines: 1
            max_partial_line_size: 4
            max_partial_line_size_truncate: true
    """
    stages = pipeline(config)
    when = "2024-05-06T07:08:09Z"
    assert stages.process([Entry({"a": "1"}, 0, f"{when} stdout P abcdef")]) == []
    out = stages.process([Entry({"a": "2"}, 0, f"{when} stdout P xyz")])
    assert [e.line for e in out] == ["abcd"]
    assert stages.flush(1e9) == []
    assert [e.line for e in stages.flush(math.inf)] == ["xyz"]


def test_a_line_that_is_not_cri_passes() -> None:
    assert one("- cri:", "2024-05-06T07:08:09Z stdlog F x").line.endswith("x")


def test_parts_without_an_end_are_given_out_when_they_are_long() -> None:
    stages = pipeline("- cri: {}")
    part = "2026-01-01T00:00:00Z stdout P " + "x" * (16 << 10)
    out = [e for _ in range(200) for e in stages.process([Entry({"job": "j"}, 0, part)])]
    assert [len(e.line) for e in out] == [1 << 20] * 3
    assert len(stages.held()) == 1
