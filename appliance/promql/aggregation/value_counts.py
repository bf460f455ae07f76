"""count_values (promql/engine.go, aggregationCountValues)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.promql.ast import METRIC_NAME
from appliance.promql.frame import Frame
from appliance.promql.grouping import aggregation_key, grouped
from appliance.promql.histograms import print_histogram
from appliance.promql.invariant import unwrapped
from appliance.syntax.quoting import quote
from appliance.wire.numbers import print_float

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.promql.ast import Aggregate
    from appliance.promql.context import Context
    from appliance.promql.grouping import Groups


def count_values(expr: Aggregate, frame: Frame, name: str, context: Context) -> Frame:
    """How many series of each group have a value, for each value.

    Args:
        name: The label that gets the value.

    Raises:
        QueryFailed: That is no name of a label.
    """
    wrong = getattr(unwrapped(expr.param), "wrong_bytes", b"") if expr.param else b""
    if not name or wrong:
        raise QueryFailed(f"invalid label name {quote(wrong or name)}")
    names = {*expr.grouping, name} if expr.without else {*expr.grouping} - {name}
    key = aggregation_key(names, without=expr.without)
    groups, labels = grouped(frame.labels, key)
    cells, texts = _values(frame)
    context.guard.check()
    found = _counted(frame.present, cells, (groups, len(texts)))
    if not found:
        return Frame.empty(len(context.steps_ms))
    if expr.without and name in {METRIC_NAME, *expr.grouping}:
        return _summed(found, labels)
    return _labelled(found, labels, (name, texts))


def _values(frame: Frame) -> tuple[NDArray[np.intp], list[str]]:
    """For each cell the number of its value (intp[series, step]), and the values as texts."""
    values = np.where(np.isnan(frame.values), np.nan, frame.values)
    bits, numbers = np.unique(values.view(np.uint64), return_inverse=True)
    texts = [print_float(value) for value in bits.view(np.float64).tolist()]
    cells = numbers.reshape(values.shape)
    if frame.histograms is None:
        return cells, texts
    known: dict[str, int] = {}
    for row, step in np.argwhere(frame.is_histogram).tolist():
        shown = print_histogram(frame.histograms[row, step])
        cells[row, step] = known.setdefault(shown, len(texts) + len(known))
    return cells, [*texts, *known]


def _counted(
    present: NDArray[np.bool_], cells: NDArray[np.intp], kinds: tuple[Groups, int]
) -> list[tuple[int, int, NDArray[np.float64]]]:
    """(group, number of the value, float64[step] counts) for those that occur."""
    groups, values = kinds
    rows, steps = np.nonzero(present)
    pairs = groups.ids[rows] * values + cells[rows, steps]
    used, numbers = np.unique(pairs, return_inverse=True)
    width = present.shape[1]
    counts = np.bincount(numbers.reshape(-1) * width + steps, minlength=len(used) * width)
    table = counts.reshape(len(used), width).astype(np.float64)
    return [(pair // values, pair % values, table[row]) for row, pair in enumerate(used.tolist())]


def _labelled(
    found: Sequence[tuple[int, int, NDArray[np.float64]]],
    labels: Sequence[Labels],
    kind: tuple[str, Sequence[str]],
) -> Frame:
    name, texts = kind
    rows = [labels[group].extended({name: texts[value]}) for group, value, _ in found]
    return _frame(rows, [counts for _, _, counts in found])


def _summed(
    found: Sequence[tuple[int, int, NDArray[np.float64]]], labels: Sequence[Labels]
) -> Frame:
    """Counts of whole groups: the label with the value is one that `without` takes away."""
    sums: dict[int, NDArray[np.float64]] = {}
    for group, _, counts in found:
        sums[group] = sums.get(group, np.zeros_like(counts)) + counts
    return _frame([labels[group] for group in sums], list(sums.values()))


def _frame(labels: Sequence[Labels], rows: Sequence[NDArray[np.float64]]) -> Frame:
    values = np.stack(rows)
    return Frame(labels, values, values > 0)
