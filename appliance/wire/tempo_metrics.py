"""Series of a TraceQL metrics query as Tempo answers them (tempopb, `QueryRangeResponse` …).

JSON is protobuf's own mapping, so a point of value 0 has only its time. Points are not there one by
one: both encodings are made of whole rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from appliance.wire.numbers import format_values
from appliance.wire.tempo_search import fill_metrics, metrics_json
from appliance.wire.tempo_values import fill_pairs, json_number, pairs_json, prom_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.results import MetricSeries, MetricsResult, SpanExemplar

_MS = 10**6
#: Tags of tempopb.Sample and where it is in a TimeSeries: field number and kind.
_SAMPLES, _VALUE, _TIMESTAMP, _SAMPLE_HEAD_BYTES = 0x12, 0x09, 0x10, 12


def range_json(result: MetricsResult) -> bytes:
    """The answer to a range query."""
    times = [str(time) for time in (result.steps_ns // _MS).tolist()]
    prefixes = [f'{{"timestampMs":"{time}"'.encode() for time in times]
    shown = [_range_series(series, prefixes) for series in _shown_series(result)]
    return b'{"series":[' + b",".join(shown) + b"]" + _tail(result)


def _range_series(series: MetricSeries, prefixes: Sequence[bytes]) -> bytes:
    parts = [b'{"labels":' + orjson.dumps(pairs_json(series.labels))]
    parts.append(b'"samples":[' + b",".join(_samples(series.values, prefixes)) + b"]")
    parts.append(b'"promLabels":' + orjson.dumps(prom_labels(series.labels)))
    if series.exemplars:
        parts.append(b'"exemplars":' + orjson.dumps([_exemplar(one) for one in series.exemplars]))
    return b",".join(parts) + b"}"


def _samples(values: NDArray[np.float64], prefixes: Sequence[bytes]) -> list[bytes]:
    """Points as JSON, those that are there."""
    found = []
    for prefix, text in zip(prefixes, format_values(values), strict=True):
        if text in {b"0", b"-0"}:
            found.append(prefix + b"}")
        elif text.endswith(b"Inf"):
            name = b"-Infinity" if text[:1] == b"-" else b"Infinity"
            found.append(prefix + b',"value":"' + name + b'"}')
        elif text != b"NaN":
            found.append(prefix + b',"value":' + text + b"}")
    return found


def _exemplar(exemplar: SpanExemplar) -> dict[str, object]:
    found: dict[str, object] = {"labels": pairs_json(exemplar.labels)}
    if exemplar.value:
        found["value"] = json_number(exemplar.value)
    return found | {"timestampMs": str(exemplar.timestamp_ns // _MS)}


def instant_json(result: MetricsResult) -> bytes:
    """The answer to an instant query: the first point of each series."""
    shown = []
    for series in _shown_series(result):
        found: dict[str, Any] = {"labels": pairs_json(series.labels)}
        value = _first(series.values)
        if value:
            found["value"] = json_number(value)
        shown.append(found | {"promLabels": prom_labels(series.labels)})
    return b'{"series":' + orjson.dumps(shown) + _tail(result)


def _first(values: NDArray[np.float64]) -> float:
    present = values[~np.isnan(values)]
    return float(present[0])


def _tail(result: MetricsResult) -> bytes:
    """What follows the series."""
    metrics = metrics_json(spans=result.inspected_spans, size_bytes=result.inspected_bytes)
    found: dict[str, object] = {"metrics": metrics}
    if result.message:
        found |= {"status": "PARTIAL", "message": result.message}
    return b"," + orjson.dumps(found)[1:]


def _shown_series(result: MetricsResult) -> list[MetricSeries]:
    """Series that have a point."""
    return [series for series in result.series if not np.isnan(series.values).all()]


def range_protobuf(result: MetricsResult) -> bytes:
    """The answer to a range query as tempopb.QueryRangeResponse."""
    from appliance.wire.messages.tempo_pb2 import (  # noqa: PLC0415 - seldom
        QueryRangeResponse,
        TimeSeries,
    )

    message = QueryRangeResponse()
    times_ms = result.steps_ns // _MS
    for series in _shown_series(result):
        shown = TimeSeries(prom_labels=prom_labels(series.labels))
        fill_pairs(shown.labels, series.labels)
        for one in series.exemplars:
            exemplar = shown.exemplars.add(value=one.value, timestamp_ms=one.timestamp_ns // _MS)
            fill_pairs(exemplar.labels, one.labels)
        message.series.add().MergeFromString(
            shown.SerializeToString() + samples_protobuf(times_ms, series.values)
        )
    return _finished(message, result)


def instant_protobuf(result: MetricsResult) -> bytes:
    """The answer to an instant query as tempopb.QueryInstantResponse."""
    from appliance.wire.messages.tempo_pb2 import QueryInstantResponse  # noqa: PLC0415 - seldom

    message = QueryInstantResponse()
    for series in _shown_series(result):
        shown = message.series.add(
            value=_first(series.values), prom_labels=prom_labels(series.labels)
        )
        fill_pairs(shown.labels, series.labels)
    return _finished(message, result)


def _finished(message: Any, result: MetricsResult) -> bytes:
    fill_metrics(message.metrics, spans=result.inspected_spans, size_bytes=result.inspected_bytes)
    if result.message:
        message.status, message.message = 1, result.message
    encoded: bytes = message.SerializeToString()
    return encoded


def samples_protobuf(times_ms: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """Points as field 2 of a tempopb.TimeSeries, those that are there.

    Args:
        times_ms: int64[point], from 1970 on.
        values: float64[point]; NaN where there is no point.
    """
    is_there = ~np.isnan(values)
    times, values = times_ms[is_there], values[is_there]
    rows = np.empty((len(times), _SAMPLE_HEAD_BYTES + 10), dtype=np.uint8)
    rows[:, 0], rows[:, 2], rows[:, 11] = _SAMPLES, _VALUE, _TIMESTAMP
    rows[:, 3:11] = values.astype("<f8").view(np.uint8).reshape(-1, 8)
    shifted = times[:, None] >> np.arange(0, 70, 7).clip(max=63)
    sizes = np.maximum((shifted[:, :9] > 0).sum(axis=1), 1)
    places = np.arange(10)
    rows[:, 12:] = (shifted & 0x7F) | np.where(places < sizes[:, None] - 1, 0x80, 0)
    rows[:, 1] = _SAMPLE_HEAD_BYTES - 2 + sizes
    kept = np.ones(rows.shape, dtype=bool)
    kept[:, 12:] = places < sizes[:, None]
    return rows[kept].tobytes()
