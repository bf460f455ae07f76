"""Answers of Prometheus' HTTP API v1, byte for byte as Prometheus prints numbers and times.

Vectors and matrices have times in seconds with three decimals or none, and values with an exponent
below 1e-6 and from 1e21 on; scalars and strings have neither peculiarity. Points are formatted
in bulk: see `numbers.format_values`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson

from appliance.model.value import (
    Annotations,
    Matrix,
    QueryResult,
    Scalar,
    StringValue,
    Vector,
)
from appliance.wire.histogram_json import print_histogram
from appliance.wire.numbers import (
    format_timestamps,
    format_value,
    format_values,
    print_float,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels

__all__ = ["error", "format_value", "success"]

_NO_REMARKS = Annotations()


def success(data: object, annotations: Annotations = _NO_REMARKS) -> bytes:
    """A successful answer.

    Args:
        data: A QueryResult (with its own annotations), or anything orjson can print.
        annotations: Warnings and infos; left out where there are none.

    Raises:
        TypeError: A kind of result that Prometheus does not have.
    """
    if isinstance(data, QueryResult):
        annotations = data.annotations
        encoded = query_data(data)
    else:
        encoded = orjson.dumps(data)
    return b'{"status":"success","data":' + encoded + remarks(annotations) + b"}"


def error(
    error_type: str,
    message: str,
    annotations: Annotations = _NO_REMARKS,
    *,
    data: object = None,
) -> bytes:
    """An error answer.

    Args:
        error_type: Such as `bad_data`, `execution`, `timeout`, `not_found`, `unavailable`.
        message: For people.
        annotations: Warnings and infos; left out where there are none.
        data: A partial result, if there is one.
    """
    parts = [b'{"status":"error"']
    if data is not None:
        parts.append(b',"data":' + orjson.dumps(data))
    parts.append(b',"errorType":' + orjson.dumps(error_type) + b',"error":' + orjson.dumps(message))
    parts.append(remarks(annotations) + b"}")
    return b"".join(parts)


def remarks(annotations: Annotations) -> bytes:
    """`,"warnings":…,"infos":…`, less what there is not."""
    encoded = b""
    if annotations.warnings:
        encoded += b',"warnings":' + orjson.dumps(annotations.warnings)
    if annotations.infos:
        encoded += b',"infos":' + orjson.dumps(annotations.infos)
    return encoded


def query_data(result: QueryResult) -> bytes:
    """The `data` of a query's answer."""
    match result.value:
        case Matrix() as matrix:
            kind, encoded = b"matrix", _matrix(matrix)
        case Vector() as vector:
            kind, encoded = b"vector", _vector(vector)
        case Scalar(timestamp_ms, value):
            kind, encoded = b"scalar", single(timestamp_ms, print_float(value))
        case StringValue(timestamp_ms, text):
            kind, encoded = b"string", single(timestamp_ms, text)
        case _:
            raise TypeError(f"{type(result.value).__name__} is no result of Prometheus' API")
    return b'{"resultType":"' + kind + b'","result":' + encoded + b"}"


def metric(labels: Labels) -> bytes:
    """Labels as a JSON object."""
    return orjson.dumps(dict(labels))


def points(timestamps: Sequence[bytes], values: NDArray[np.float64]) -> bytes:
    """`[time,"value"]` for every point of a series, separated by commas.

    Args:
        timestamps: [point], already printed.
        values: float64[point].
    """
    pairs = zip(timestamps, format_values(values), strict=True)
    return b"[" + b'"],['.join([time + b',"' + value for time, value in pairs]) + b'"]'


def single(timestamp_ms: int, text: str) -> bytes:
    """A scalar or a string: `[time,"text"]`, the time as the shortest decimal."""
    time = print_float(timestamp_ms / 1000).encode()
    return b"[" + time + b"," + orjson.dumps(text) + b"]"


def _vector(vector: Vector) -> bytes:
    time = format_timestamps(np.array([vector.timestamp_ms], dtype=np.int64))[0]
    values = format_values(vector.values)
    histograms = vector.histograms or [None] * len(values)
    items = [
        b'{"metric":' + metric(labels) + _sample(time, value, histogram) + b"}"
        for labels, value, histogram in zip(vector.labels, values, histograms, strict=True)
    ]
    return b"[" + b",".join(items) + b"]"


def _sample(time: bytes, value: bytes, histogram: Histogram | None) -> bytes:
    if histogram is None:
        return b',"value":[' + time + b',"' + value + b'"]'
    return b',"histogram":[' + time + b"," + print_histogram(histogram) + b"]"


def _matrix(matrix: Matrix) -> bytes:
    memo: dict[int, bytes] = {}
    items = []
    beside = matrix.histograms or [None] * len(matrix.series)
    for (labels, timestamps_ms, values), extra in zip(matrix.series, beside, strict=True):
        times = format_timestamps(timestamps_ms, memo)
        shown = b""
        if times or extra is None:
            shown = b',"values":[' + (points(times, values) if times else b"") + b"]"
        if extra is not None:
            shown += b',"histograms":[' + histogram_points(*extra, memo) + b"]"
        items.append(b'{"metric":' + metric(labels) + shown + b"}")
    return b"[" + b",".join(items) + b"]"


def histogram_points(
    timestamps_ms: NDArray[np.int64],
    histograms: Sequence[Histogram],
    memo: dict[int, bytes] | None = None,
) -> bytes:
    """`[time,{…}]` for every histogram of a series, separated by commas.

    Args:
        timestamps_ms: int64[histogram].
        memo: As in `format_timestamps`.
    """
    pairs = zip(format_timestamps(timestamps_ms, memo), histograms, strict=True)
    return b",".join(
        b"[" + time + b"," + print_histogram(histogram) + b"]" for time, histogram in pairs
    )
