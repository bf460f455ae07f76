"""About what decoded columns take in memory."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import NumberValues

if TYPE_CHECKING:
    from collections.abc import Sequence

#: An object's own size, roughly, and the slot that refers to it.
_OBJECT_BYTES, _SLOT_BYTES = 56, 8
_PLAIN = frozenset({int, float, bool, type(None)})


def memory_size(value: Any) -> int:
    """Bytes of an array, a column, a dataclass of these, a list, a tuple or a dict."""
    size = _OBJECT_BYTES
    match value:
        case np.ndarray():
            size += value.nbytes
        case bytes() | str():
            size += len(value)
        case NumberValues():
            size += value.array.nbytes
        case dict():
            size += _items_size(list(value)) + _items_size(list(value.values()))
        case list() | tuple() | frozenset() | set():
            size += _items_size(list(value))
        case _ if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            size += sum(memory_size(getattr(value, field.name)) for field in fields)
    return size


def _items_size(items: Sequence[Any]) -> int:
    types = set(map(type, items))
    if types <= {str, bytes}:
        return (_OBJECT_BYTES + _SLOT_BYTES) * len(items) + sum(map(len, items))
    if types <= _PLAIN:
        return (_OBJECT_BYTES // 2 + _SLOT_BYTES) * len(items)
    return _SLOT_BYTES * len(items) + sum(map(memory_size, items))
