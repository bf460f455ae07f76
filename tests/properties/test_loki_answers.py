"""Answers to Loki's queries hold what they are made from, as JSON and as protobuf."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.labels import Labels
from appliance.model.value import Matrix, QueryResult, Stream, Streams
from appliance.wire import loki_json, loki_proto
from appliance.wire.loki_json import CATEGORIZE
from appliance.wire.loki_labels import parse_labels
from tests.wire.loki_messages import read

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_TIMES = st.integers(0, 2**62)
#: Names of the three origins are distinct, as a pipeline has them.
_LABELS = st.dictionaries(st.sampled_from(["a", "b", "c"]), _TEXT.filter(bool), min_size=1)
_METADATA = st.dictionaries(st.sampled_from(["m", "n"]), _TEXT).map(
    lambda d: tuple(sorted(d.items()))
)
_PARSED = st.dictionaries(st.sampled_from(["p", "q"]), _TEXT).map(
    lambda d: tuple(sorted(d.items()))
)
_ENTRIES = st.lists(st.tuples(_TIMES, _TEXT, _METADATA, _PARSED), min_size=1, max_size=6)
_STREAMS = st.dictionaries(_LABELS.map(Labels.of), _ENTRIES, max_size=3).map(
    lambda found: [Stream(labels, entries) for labels, entries in found.items()]
)


def flat(streams: list[Stream]) -> list[Any]:
    """Every entry with all its labels."""
    return sorted(
        (time_ns, line, sorted((*stream.labels, *metadata, *parsed)))
        for stream in streams
        for time_ns, line, metadata, parsed in stream.entries
    )


@given(_STREAMS)
def test_json(streams: list[Stream]) -> None:
    found = orjson.loads(loki_json.result(QueryResult(Streams(streams))))["data"]["result"]
    entries = [
        (int(time_ns), line, sorted(item["stream"].items()))
        for item in found
        for time_ns, line in item["values"]
    ]
    assert sorted(entries) == flat(streams)


@given(_STREAMS)
def test_categorized_json(streams: list[Stream]) -> None:
    body = loki_json.result(QueryResult(Streams(streams)), flags=(CATEGORIZE,))
    entries = []
    for item in orjson.loads(body)["data"]["result"]:
        for time_ns, line, more in item["values"]:
            pairs = [item["stream"], more.get("structuredMetadata", {}), more.get("parsed", {})]
            labels = sorted(pair for one in pairs for pair in one.items())
            entries.append((int(time_ns), line, labels))
    assert sorted(entries) == flat(streams)


@given(_STREAMS)
def test_protobuf(streams: list[Stream]) -> None:
    found = read(loki_proto.result(QueryResult(Streams(streams)), flags=(CATEGORIZE,)))
    entries = []
    for item in found.streams.data.result:
        labels = parse_labels(item.labels)
        for entry in item.entries:
            more = [(pair.name, pair.value) for pair in (*entry.metadata, *entry.parsed)]
            time_ns = entry.time.seconds * 10**9 + entry.time.nanos
            entries.append((time_ns, entry.line, sorted((*labels, *more))))
    assert sorted(entries) == flat(streams)


@given(
    st.lists(st.tuples(st.integers(0, 2**41), st.floats(allow_nan=False)), min_size=1, max_size=9)
)
def test_samples(points: list[tuple[int, float]]) -> None:
    times = np.array([time for time, _ in points], dtype=np.int64)
    values = np.array([value for _, value in points])
    result = QueryResult(Matrix([(Labels.of({"a": "b"}), times, values)]))

    shown = orjson.loads(loki_json.result(result))["data"]["result"][0]["values"]
    encoded = read(loki_proto.result(result)).prom.response.data.result[0].samples

    assert [(round(time * 1000), float(value)) for time, value in shown] == points
    assert [(sample.timestamp_ms, sample.value) for sample in encoded] == points
    assert not any("e" in value for _, value in shown)
