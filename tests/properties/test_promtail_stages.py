"""Stages take any line, and lose or change nothing that they should not."""

from __future__ import annotations

import datetime as dt
import math

import orjson
from hypothesis import given
from hypothesis import strategies as st

from appliance.gotemplate.time_parse import layout
from appliance.gotemplate.times import Time
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stages.logfmt import pairs
from tests.ingest.tail.stages.piping import pipeline

EVERYTHING = r"""
    - docker: {}
    - cri: {}
    - json: {expressions: {a: , b: 'c.d', e: 'f[0]'}}
    - logfmt: {mapping: {g: , h: }}
    - regex: {expression: '(?P<i>\w+)=(?P<j>[^ ]*)'}
    - pattern: {pattern: '<k>: <l>'}
    - timestamp: {source: a, format: RFC3339Nano, fallback_formats: [Unix, 'Jan _2 15:04:05']}
    - replace: {expression: '(\d+)', replace: '<{{ .Value }}>'}
    - template: {source: m, template: '{{ .i }}{{ .j | trunc 3 }}'}
    - labels: {a: , i: , m: }
    - structured_metadata: {b: }
    - decolorize: {}
    - multiline: {firstline: '^\S'}
    - match: {selector: '{i=~".+"} |~ "x|y"', stages: [{static_labels: {seen: yes}}]}
    - output: {source: l}
    - pack: {labels: [g]}
"""
LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.text('{}[]":,=\\ \n\tPFacdfghstdout0123.-TZ\x1b', max_size=40),
        st.builds(
            lambda log, time: orjson.dumps({"log": log, "stream": "stdout", "time": time}).decode(),
            st.text(max_size=10),
            st.sampled_from(["2024-05-06T07:08:09.5Z", "x", "7"]),
        ),
        st.builds(
            "2024-05-06T07:08:09Z stdout {} {}".format, st.sampled_from("PF"), st.text(max_size=9)
        ),
    ),
    max_size=12,
)


@given(LINES)
def test_any_line_passes_once(lines: list[str]) -> None:
    stages = pipeline(EVERYTHING)
    entries = [Entry({"job": "j"}, n, line, origins=(n,)) for n, line in enumerate(lines)]
    out = stages.process(entries)
    held = [origin for entry in stages.held() for origin in entry.origins]
    out += stages.flush(math.inf)
    origins = [origin for entry in out for origin in entry.origins]
    assert sorted(map(str, origins)) == sorted(map(str, range(len(lines))))
    assert set(held) <= set(origins)
    for entry in out:
        assert "_entry" in orjson.loads(entry.line)


@given(LINES, st.integers(0, 12))
def test_batches_make_no_difference(lines: list[str], cut: int) -> None:
    config = "- cri: {}\n- multiline: {firstline: '^a'}\n- docker: {}"
    results = []
    for parts in ([lines], [lines[:cut], lines[cut:]]):
        stages = pipeline(config)
        out: list[Entry] = []
        for part in parts:
            out += stages.process([Entry({"job": "j"}, 0, line) for line in part])
        out += stages.flush(math.inf)
        results.append([(e.line, e.labels, e.time_ns) for e in out])
    assert results[0] == results[1]


@given(st.dictionaries(st.text("abc.d", min_size=1, max_size=4), st.text(max_size=8), max_size=4))
def test_logfmt_that_was_written_is_read(found: dict[str, str]) -> None:
    text = " ".join(f"{key}={orjson.dumps(value).decode()}" for key, value in found.items())
    assert dict(pairs(text)) == found


@given(
    st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2262, 1, 1)),  # noqa: DTZ001 - UTC is put on
    st.sampled_from(
        [
            "2006-01-02T15:04:05.999999999Z07:00",
            "Mon Jan _2 15:04:05.000000 2006",
            "Monday, 02-Jan-2006 03:04:05.000000 PM -0700",
            "2006 002 15:4:5,000000 MST",
            "Jan 2, 2006 at 3:04:05.000000pm",
        ]
    ),
)
def test_a_time_that_was_printed_is_read(moment: dt.datetime, form: str) -> None:
    ns = (moment - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1) * 1000  # noqa: DTZ001
    assert layout(form).parse(Time(ns).format(form)) == ns
