"""Distinct label sets of rows, found by combining the codes of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from appliance.lines.column import Column
    from appliance.logql.rows import Rows

#: Combined codes stay below this.
_LARGEST_KEY = 1 << 62


def group_codes(
    rows: Rows, names: Collection[str] | None = None, *, without: bool = False
) -> tuple[NDArray[np.int32], list[Labels]]:
    """The distinct label sets of rows.

    Args:
        rows: ERROR and ERROR_DETAILS do not count as labels.
        names: The labels that count; None means all.
        without: All labels count but these.

    Returns:
        int32[row], which of the label sets a row has; and the sets, without empty values. Each set
        is in use.
    """
    if names is None or without:
        chosen = [name for name in rows.names() if not (without and name in (names or ()))]
    else:
        chosen = sorted(set(names))
    columns = {}
    for name in chosen:
        column = rows.column(name)
        if column is not None and names is not None and not without and name in rows.deleted:
            column = column.without(rows.deleted[name])
        if column is not None:
            columns[name] = column
    codes, first = combined([_without_empty(one) for one in columns.values()], len(rows))
    texts = [column.take(first).texts() for column in columns.values()]
    if len(texts) == 1:
        (name,) = columns
        return codes, [Labels(((name, text),)) if text else Labels() for text in texts[0]]
    groups = [
        Labels((name, text) for name, text in zip(columns, row, strict=True) if text)
        for row in zip(*texts, strict=True)
    ] or [Labels()] * len(first)
    return codes, groups


def _without_empty(column: Column) -> Column:
    """The column with no value where it is empty."""
    if "" not in column.values:
        return column
    return column.without(column.codes == column.values.index(""))


def combined(columns: Sequence[Column], count: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Codes of the distinct combinations of values, and the first row of each.

    Returns:
        int32[row] and int64[combination].
    """
    key = np.zeros(count, dtype=np.int64)
    size = 1
    for column in columns:
        if len(column.values) == 1 and not column.codes.any():
            continue  # all rows have the same value
        radix = len(column.values) + 1
        if size * radix >= _LARGEST_KEY:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = count
        key = key * radix + (column.codes + 1)
        size *= radix
    return _numbered(key, size)


def _numbered(key: NDArray[np.int64], size: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Keys below `size` as codes without gaps: int32[row], and the first row of each: int64."""
    count = len(key)
    if size == 1:
        return np.zeros(count, dtype=np.int32), np.zeros(min(count, 1), dtype=np.int64)
    if size <= 4 * count:
        first = np.full(size, count, dtype=np.int64)
        first[key[::-1]] = np.arange(count - 1, -1, -1)
        used = first < count
        moved = (np.cumsum(used) - 1).astype(np.int32)
        return moved[key], first[used]
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    return codes.astype(np.int32), first.astype(np.int64)
