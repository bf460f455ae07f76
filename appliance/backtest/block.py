"""What an expression gives at some evaluations: a matrix, and which evaluations failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.value import Matrix, Scalar, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.backtest.plan import Span
    from appliance.model.labels import Labels
    from appliance.model.value import QueryResult


@dataclass(frozen=True, slots=True)
class Block:
    """Series over evaluations.

    Attributes:
        labels: [series].
        present: bool[series, evaluation]; a value may be NaN and be there.
        values: float64[series, evaluation]; native histograms count as 0.
        failed: bool[evaluation]: the expression could not be evaluated.
        error: Of the first one that failed.
    """

    labels: Sequence[Labels]
    present: NDArray[np.bool_]
    values: NDArray[np.float64]
    failed: NDArray[np.bool_]
    error: str = ""

    @classmethod
    def of_range(cls, result: QueryResult, span: Span) -> Block:
        """The answer to a range query over just these times (its steps may lie apart by offset).

        Points are placed by their distance from the first step.
        """
        matrix = result.value
        assert isinstance(matrix, Matrix)  # noqa: S101 - what range queries give
        shape = len(matrix.series), span.count
        present, values = np.zeros(shape, dtype=np.bool_), np.zeros(shape)
        for row, (_, times, points) in enumerate(matrix.series):
            columns = (times - span.first_ms) // span.step_ms
            present[row, columns], values[row, columns] = True, points
        for row, histograms in enumerate(matrix.histograms or ()):
            if histograms is not None:
                present[row, (histograms[0] - span.first_ms) // span.step_ms] = True
        labels = [labels for labels, _, _ in matrix.series]
        return cls(labels, present, values, np.zeros(span.count, dtype=np.bool_))

    @classmethod
    def of_instant(cls, result: QueryResult) -> Block:
        """The answer to an instant query."""
        from appliance.model.labels import Labels  # noqa: PLC0415 - see TYPE_CHECKING

        value = result.value
        failed = np.zeros(1, dtype=np.bool_)
        if isinstance(value, Scalar):
            return cls([Labels()], np.ones((1, 1), np.bool_), np.array([[value.value]]), failed)
        assert isinstance(value, Vector)  # noqa: S101 - rules give nothing else
        values = np.asarray(value.values, dtype=np.float64).reshape(-1, 1).copy()
        for row, histogram in enumerate(value.histograms or ()):
            if histogram is not None:
                values[row] = 0.0
        return cls(list(value.labels), np.ones(values.shape, np.bool_), values, failed)

    @classmethod
    def of_failure(cls, error: str) -> Block:
        """An evaluation that failed."""
        empty = np.zeros((0, 1))
        return cls([], empty.astype(np.bool_), empty, np.ones(1, dtype=np.bool_), error)

    @classmethod
    def joined(cls, blocks: Sequence[Block]) -> Block:
        """Blocks one after the other."""
        if len(blocks) == 1:
            return blocks[0]
        rows: dict[Labels, int] = {}
        for block in blocks:
            for labels in block.labels:
                rows.setdefault(labels, len(rows))
        counts = [len(block.failed) for block in blocks]
        shape = len(rows), sum(counts)
        present, values = np.zeros(shape, dtype=np.bool_), np.zeros(shape)
        start = 0
        for block, count in zip(blocks, counts, strict=True):
            places = np.array([rows[labels] for labels in block.labels], dtype=np.intp)
            if len(places):
                present[places, start : start + count] = block.present
                values[places, start : start + count] = block.values
            start += count
        failed = np.concatenate([block.failed for block in blocks])
        error = next((block.error for block in blocks if block.error), "")
        return cls(list(rows), present, values, failed, error)
