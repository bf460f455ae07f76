"""OpenMetrics text with timestamps becomes columns; wrong lines are named."""

from __future__ import annotations

import io

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels
from appliance.model.sample import NORMAL_NAN_BITS, STALE_BITS, MetricMetadata
from appliance.transfer.reader import OpenMetricsReader

TEXT = b"""# HELP a_seconds The \\"time\\".
# TYPE a_seconds counter
# UNIT a_seconds seconds
a_seconds_total{x="a b"} 1 1700000000.123
a_seconds_total{x="a b"} 2 -5
a_seconds_total{x="}"} 1e3 0.001 # {trace_id="t"} 0.5 7.25
a_seconds_total{x="}"} 2e3 1 # {trace_id="u"} 0.25
{"b.c","d e"="\xc3\xa4"} NaN 2
# TYPE d gauge
d +Inf 1
d nAn 2
d  -0  3
# EOF
"""


def read(text: bytes, size: int = 1 << 20) -> tuple[OpenMetricsReader, list[tuple[str, int, int]]]:
    reader = OpenMetricsReader(io.BytesIO(text), "f", block_bytes=size)
    found = []
    for batch in reader.batches():
        bits = batch.values.view(np.uint64).tolist()
        for row, time, value in zip(batch.rows.tolist(), batch.times.tolist(), bits, strict=True):
            labels = reader.labels[row]
            found.append((labels.get("__name__") + labels.get("x"), time, value))
    return reader, found


def bits(value: float) -> int:
    return int(np.array([value], dtype=np.float64).view(np.uint64)[0])


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_samples_of_any_age_and_spelling(size: int) -> None:
    reader, found = read(TEXT, size)
    assert found == [
        ("a_seconds_totala b", 1700000000123, bits(1)),
        ("a_seconds_totala b", -5000, bits(2)),
        ("a_seconds_total}", 1, bits(1000)),
        ("a_seconds_total}", 1000, bits(2000)),
        ("b.c", 2000, NORMAL_NAN_BITS),
        ("d", 1000, bits(float("inf"))),
        ("d", 2000, STALE_BITS),
        ("d", 3000, bits(-0.0)),
    ]
    assert reader.metadata == {
        "a_seconds": MetricMetadata("counter", 'The "time".', "seconds"),
        "d": MetricMetadata("gauge"),
    }


def test_exemplars_have_their_own_time_or_that_of_their_sample() -> None:
    reader = OpenMetricsReader(io.BytesIO(TEXT), "f")
    (batch,) = reader.batches()
    assert [exemplar for _, exemplar in batch.exemplars] == [
        Exemplar(Labels.of({"trace_id": "t"}), 0.5, 7250),
        Exemplar(Labels.of({"trace_id": "u"}), 0.25, 1000),
    ]


def test_every_millisecond_survives_its_way_through_seconds() -> None:
    times = [1_700_000_000_000 + n * 1_000_003 for n in range(3000)]
    lines = [f"m 1 {time // 1000}.{time % 1000:03d}\n" for time in times]
    _, found = read("".join([*lines, "# EOF\n"]).encode())
    assert [time for _, time, _ in found] == times


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a 1 1\na 1\n# EOF\n", "f:2: expected timestamp for series, got none"),
        (b"a 1 1\na x 1\n# EOF\n", "f:2: 'x' is not a number"),
        (b"a 1 1\na 1 NaN\n# EOF\n", "f:2: invalid timestamp"),
        (b'a 1 1\nb{x="} 1 1\n# EOF\n', "f:2: expected a quoted string"),
        (b"a 1 1\n\n# EOF\n", "f:2: expected a metric name"),
        (b"# TYPE a wrong\n# EOF\n", "f:1: invalid metric type"),
        (b"a 1 1\n\xff 1 1\n# EOF\n", "f:2: invalid UTF-8"),
        (b"a 1 1\n", "f:2: data does not end with # EOF"),
        (b"a 1 1\n# EOF\na 1 2\n", "f:3: unexpected data after # EOF"),
    ],
)
@pytest.mark.parametrize("size", [3, 1 << 20])
def test_wrong_line_is_named(text: bytes, message: str, size: int) -> None:
    with pytest.raises(BadInput) as caught:
        read(text, size)
    assert caught.value.message.startswith(message)
