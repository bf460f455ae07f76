"""Values at paths of many JSON lines at once.

A line is `irregular` when it cannot be read at once, when a key may come twice in it, or when a
path leads to an object or an array, whose text is wanted: `json_path.path_values` has to read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.lines.json_block import blocks, count_keys
from appliance.lines.json_fields import Values, objects
from appliance.lines.json_number import plain_scalars
from appliance.lines.label_name import REPLACEMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.lines.column import Column
    from appliance.lines.json_block import Block
    from appliance.lines.json_path import Path

_MISSING = object()


def json_path_fields(
    text: bytes,
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64] | None,
    paths: Sequence[Path],
) -> tuple[list[Column], NDArray[np.int64]]:
    """What paths lead to.

    Args:
        text, offsets: Lines as in `LogChunk`: line i is `text[offsets[i] : offsets[i + 1] - 1]`.
        rows: int64[k], which lines; None means all. Columns have one row for each.

    Returns:
        A column for each path, null as the empty text; and the irregular lines: int64[k],
        ascending, which are absent from all columns.
    """
    starts, ends = offsets[:-1], offsets[1:] - 1
    if rows is not None:
        starts, ends = starts[rows], ends[rows]
    likely = objects(text, starts, ends)
    lines = [
        text[start:end]
        for start, end in zip(starts[likely].tolist(), ends[likely].tolist(), strict=True)
    ]
    is_irregular = np.ones(len(starts), dtype=bool)
    collected = [Values(str(number)) for number in range(len(paths))]
    may_replace = False
    for block in blocks(lines):
        at = likely[block.rows]
        for path, values in zip(paths, collected, strict=True):
            values.add(_found(block, path), at)
        block.check_keys(count_keys(block.values))
        is_irregular[at] = False
        is_irregular[at[list(block.doubtful)]] = True
        may_replace |= REPLACEMENT.encode() in block.joined or b"\\u" in block.joined
    columns = [values.column(len(starts), may_replace=may_replace) for values in collected]
    if is_irregular.any():
        columns = [column.without(is_irregular) for column in columns]
    return columns, np.flatnonzero(is_irregular)


def _found(block: Block, path: Path) -> list[Any]:
    """What a path leads to in each line of a block; lines to be read alone become doubtful."""
    values: list[Any] = list(block.values)
    for step in path:
        if isinstance(step, str):
            values = [
                value.get(step, _MISSING) if value.__class__ is dict else _MISSING
                for value in values
            ]
        else:
            values = [
                value[step] if value.__class__ is list and step < len(value) else _MISSING
                for value in values
            ]
    kinds = set(map(type, values))
    if kinds & {dict, list}:
        block.doubtful.update(
            place for place, value in enumerate(values) if value.__class__ in {dict, list}
        )
    if type(None) in kinds:
        values = ["" if value is None else value for value in values]
    values = [None if value is _MISSING else value for value in values]
    if isinstance(path[-1], str):
        return plain_scalars(block, path[-1], values, np.arange(len(values)))
    # Which of a line's numbers is the element cannot be told from a key before it.
    block.doubtful.update(
        place for place, value in enumerate(values) if value.__class__ in {int, float}
    )
    numbers = {int, float, dict, list}
    return [_scalar(None if value.__class__ in numbers else value) for value in values]


def _scalar(value: Any) -> Any:
    if value.__class__ is bool:
        return "true" if value else "false"
    return value
