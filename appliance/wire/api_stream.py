"""Query answers of Prometheus' API in pieces, so that a large one is never whole in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from appliance.model.value import Matrix, QueryResult
from appliance.wire.api_json import query_data, remarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Points that one piece holds, roughly.
_POINTS = 50_000


def answer_parts(result: QueryResult, stats: Mapping[str, object] | None = None) -> Iterator[bytes]:
    """A successful answer; the pieces joined are what `api_json.success` gives.

    Args:
        stats: What `stats=` asked for, or None.
    """
    shown = b"" if stats is None else b',"stats":' + orjson.dumps(stats)
    yield b'{"status":"success","data":'
    if isinstance(result.value, Matrix) and len(result.value.series) > 1:
        yield from _matrix_parts(result.value, shown)
    else:
        yield query_data(result)[:-1] + shown + b"}"
    yield remarks(result.annotations) + b"}"


def _matrix_parts(matrix: Matrix, shown: bytes) -> Iterator[bytes]:
    separator = b'{"resultType":"matrix","result":['
    for part in _slices(matrix):
        data = query_data(QueryResult(part))
        yield separator + data[data.index(b"[") + 1 : -2]
        separator = b","
    yield b"]" + shown + b"}"


def _slices(matrix: Matrix) -> Iterator[Matrix]:
    """The matrix cut into parts of some points each."""
    start = points = 0
    for number, (_, times, _) in enumerate(matrix.series):
        points += len(times) + 1
        if points >= _POINTS or number == len(matrix.series) - 1:
            histograms = matrix.histograms
            cut = None if histograms is None else histograms[start : number + 1]
            yield Matrix(matrix.series[start : number + 1], cut)
            start, points = number + 1, 0
