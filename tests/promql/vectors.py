"""Instant vectors over several steps, from and to plain lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.promql.annotations import Remarks
from appliance.promql.ast import VectorSelector
from appliance.promql.context import ALL_FEATURES, DELAYED_NAME_REMOVAL, Context
from appliance.promql.frame import Frame, histograms_of
from tests.promql.memory_source import MemorySource, histogram_of
from tests.sources import make_guard

Cell = float | Histogram | None
VECTOR = VectorSelector("x", ())
NAN, INF = float("nan"), float("inf")
_PAIR = re.compile(r'(\w+)="([^"]*)"')


def series(text: str) -> Labels:
    """Labels from `name{a="b"}`."""
    name, _, pairs = text.partition("{")
    found = dict(_PAIR.findall(pairs))
    return Labels.of(found | {"__name__": name} if name else found)


def frame(rows: Mapping[str, Sequence[Any]] | Sequence[tuple[Labels, Sequence[Any]]]) -> Frame:
    """A vector; None is no sample, texts are histograms in the notation of tests."""
    pairs = (
        [(series(text), cells) for text, cells in rows.items()]
        if isinstance(rows, Mapping)
        else list(rows)
    )
    cells = [[_cell(cell) for cell in cells] for _, cells in pairs]
    steps = len(cells[0]) if cells else 1
    shape = (len(cells), steps)
    values = np.full(shape, -12345.0)
    for row, items in enumerate(cells):
        for step, cell in enumerate(items):
            if isinstance(cell, float):
                values[row, step] = cell
    present = np.array([[cell is not None for cell in items] for items in cells], dtype=np.bool_)
    histograms = [
        [cell if isinstance(cell, Histogram) else None for cell in items] for items in cells
    ]
    has_any = any(cell is not None for items in histograms for cell in items)
    return Frame(
        [labels for labels, _ in pairs],
        values,
        present.reshape(shape),
        histograms_of(histograms) if has_any else None,
    )


def _cell(cell: Any) -> Cell:
    if cell is None or isinstance(cell, Histogram):
        return cell
    return histogram_of(cell) if isinstance(cell, str) else float(cell)


def cells(found: Frame) -> list[tuple[Labels, list[Cell]]]:
    """Rows of a vector as lists."""
    rows: list[tuple[Labels, list[Cell]]] = []
    for row, labels in enumerate(found.labels):
        items: list[Cell] = []
        for step in range(found.values.shape[1]):
            histogram = None if found.histograms is None else found.histograms[row, step]
            cell: Cell = float(found.values[row, step]) if histogram is None else histogram
            items.append(cell if found.present[row, step] else None)
        rows.append((labels, items))
    return rows


def shown(found: Frame) -> dict[str, list[Any]]:
    """Rows by `name{a="b"}`; histograms as their counts in a tuple."""
    return {
        _text(labels): [(c.count, c.sum) if isinstance(c, Histogram) else c for c in items]
        for labels, items in cells(found)
    }


def _text(labels: Labels) -> str:
    pairs = ",".join(f'{name}="{value}"' for name, value in labels if name != "__name__")
    return labels.get("__name__") + "{" + pairs + "}"


def context(steps: int, *, delayed: bool = True, text: str = "") -> Context:
    """A context with so many steps."""
    features = ALL_FEATURES if delayed else ALL_FEATURES - {DELAYED_NAME_REMOVAL}
    times = np.arange(steps, dtype=np.int64) * 1000
    end = int(times[-1])
    return Context(
        times, 0, end, 1000, 300_000, MemorySource(), make_guard(), Remarks(text), features
    )


def texts(around: Context) -> list[str]:
    """What a context has to say."""
    found = around.remarks.annotations()
    return [*found.warnings, *found.infos]


def same(one: float | None, other: float | None, tolerance: float = 1e-9) -> bool:
    """Whether two floats are the same as far as tests go."""
    if one is None or other is None:
        return one is other
    return bool(np.isclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True))


_FLOATS = st.sampled_from([0.0, 1.0, 2.0, 2.5, -1.0, 7.0, 1e100, -1e100, INF, -INF, NAN])
_TAME = st.sampled_from([0.0, 1.0, 2.0, 2.5, -1.0, 7.0, 3.0, NAN])


def frames(
    names: Sequence[str] = ("m", "n"), *, tame: bool = False, most: int = 8
) -> st.SearchStrategy[list[tuple[Labels, list[Any]]]]:
    """Rows with distinct labels `a` and `b` and three steps, some samples missing."""
    label = st.sampled_from(["", "1", "2"])
    key = st.builds(
        lambda name, a, b: Labels.of({"__name__": name, "a": a, "b": b}),
        st.sampled_from(names),
        label,
        label,
    )
    cell = st.none() | (_TAME if tame else _FLOATS)
    row = st.lists(cell, min_size=3, max_size=3).filter(lambda found: found != [None] * 3)
    return st.dictionaries(key, row, max_size=most).map(lambda found: list(found.items()))
