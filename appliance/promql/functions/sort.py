"""sort, sort_desc, sort_by_label, sort_by_label_desc: the order of an instant query's series."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.annotations import warn_sort_in_range
from appliance.promql.frame import Frame
from appliance.promql.functions.floats import frame_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.model.labels import Labels
    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value

_CHUNK = re.compile(r"[0-9]+|[^0-9]+")
_MOST_INTEGER = 2**63 - 1


def _is_one_step(call: Call, context: Context) -> bool:
    """Whether an order can be seen; a remark says so when not."""
    if len(context.steps_ms) == 1:
        return True
    warn_sort_in_range(context.remarks, call.position)
    return False


def _by_value(*, descending: bool) -> Callable[[Call, Sequence[Value], Context], Value]:
    def apply(call: Call, values: Sequence[Value], context: Context) -> Frame:
        """Floats only; NaN comes last either way."""
        frame = frame_of(values[0])
        found = Frame(frame.labels, frame.values, frame.is_float, None, frame.nameless).pruned()
        if not _is_one_step(call, context):
            return found
        key = found.values[:, 0]
        return found.take(np.argsort(-key if descending else key, kind="stable"))

    return apply


def _by_label(*, descending: bool) -> Callable[[Call, Sequence[Value], Context], Value]:
    def apply(call: Call, values: Sequence[Value], context: Context) -> Frame:
        frame = frame_of(values[0]).pruned()
        if not _is_one_step(call, context):
            return frame
        names = [text_of(call, index) for index in range(1, len(call.args))]
        compare = functools.cmp_to_key(functools.partial(_compared, names, descending=descending))
        rows = sorted(range(len(frame.labels)), key=lambda row: compare(frame.labels[row]))
        return frame.take(np.array(rows, dtype=np.intp))

    return apply


def _compared(names: Sequence[str], one: Labels, other: Labels, *, descending: bool) -> int:
    """Below 0 when `one` comes first; equal labels leave it to the whole label sets."""
    sign = -1 if descending else 1
    for name in names:
        left, right = one.get(name), other.get(name)
        if left != right:
            return -sign if is_naturally_less(left, right) else sign
    return sign * ((one > other) - (one < other))


def is_naturally_less(one: str, other: str) -> bool:
    """Whether a text comes before another when runs of digits count as numbers.

    The order of github.com/facette/natsort; its quirks about empty texts are part of the contract.
    """
    left, right = _CHUNK.findall(one), _CHUNK.findall(other)
    for index, chunk in enumerate(left):
        if index >= len(right):
            return False
        numbers = _number(chunk), _number(right[index])
        if None not in numbers:
            is_equal, is_less = numbers[0] == numbers[1], (numbers[0] or 0) < (numbers[1] or 0)
        else:
            is_equal, is_less = chunk == right[index], chunk < right[index]
        if not is_equal:
            return is_less
        if index == len(left) - 1:
            return True
    return False


def _number(chunk: str) -> int | None:
    """The value of a run of digits that an int64 can hold."""
    if not chunk.isdigit():
        return None
    value = int(chunk)
    return value if value <= _MOST_INTEGER else None


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "sort": _by_value(descending=False),
    "sort_by_label": _by_label(descending=False),
    "sort_by_label_desc": _by_label(descending=True),
    "sort_desc": _by_value(descending=True),
}
