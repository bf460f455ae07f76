"""A column of texts ↔ two blobs: a code per row (0: absent) and the values.

Values that are numbers, written as numbers are, become an array in ascending order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from appliance.lines.column import ABSENT, Column
from appliance.store.codec import Damaged, decode_array, decode_bytes, encode_array, encode_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Kinds of values; floats are written with or without a fraction of 0.
TEXTS, _INTEGERS, _FLOATS, _SHORT_FLOATS = "t", "i", "f", "s"
#: Memory of a value, roughly.
_VALUE_BYTES = 60


class ColumnBlobs(NamedTuple):
    """A column as stored."""

    kind: str
    codes: bytes
    values: bytes

    @property
    def size_bytes(self) -> int:
        """Size of the blobs."""
        return len(self.codes) + len(self.values)


def encode_column(column: Column, *, most_texts: int | None = None) -> ColumnBlobs | None:
    """A column as blobs.

    Args:
        most_texts: A column with more distinct values is refused, unless they are numbers.

    Returns:
        None when it is refused or has a text that is no UTF-8.
    """
    column = column.compact()
    numeric = _numbers(column.values)
    if numeric is None:
        if most_texts is not None and len(column.values) > most_texts:
            return None
        try:
            values = encode_bytes(orjson.dumps(list(column.values)))
        except TypeError:
            return None
        return ColumnBlobs(TEXTS, _encode_codes(column.codes), values)
    kind, numbers = numeric
    order = np.argsort(numbers, kind="stable")
    rank = np.empty(len(order) + 1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    rank[ABSENT] = ABSENT
    return ColumnBlobs(kind, _encode_codes(rank[column.codes]), encode_array(numbers[order]))


def decode_column(blobs: ColumnBlobs, count: int) -> Column:
    """A column of `count` rows.

    Raises:
        Damaged: It does not decode.
    """
    codes = decode_array(blobs.codes, max_count=count).astype(np.int32) - 1
    values = _decode_values(blobs, count)
    if len(codes) != count or int(codes.max(initial=ABSENT)) >= len(values):
        raise Damaged(f"column does not fit its {count} rows")
    return Column(codes, values)


def column_bytes(column: Column) -> int:
    """Memory of a column, roughly."""
    return column.codes.nbytes + _VALUE_BYTES * len(column.values)


def _encode_codes(codes: NDArray[np.int32]) -> bytes:
    return encode_array((codes + 1).astype(np.uint32))


def _decode_values(blobs: ColumnBlobs, max_count: int) -> list[str]:
    if blobs.kind != TEXTS:
        return _written(blobs.kind, decode_array(blobs.values, max_count=max_count).tolist())
    try:
        values: list[str] = orjson.loads(decode_bytes(blobs.values))
    except ValueError as error:
        raise Damaged(f"values do not decode: {error}") from error
    return values


def _numbers(texts: Sequence[str]) -> tuple[str, NDArray[Any]] | None:
    """Kind and numbers, int64 or float64 [text], of which the texts can be made again."""
    if not texts or not _may_be_number(texts[0]):
        return None
    integers = _integers(texts)
    if integers is not None:
        return _INTEGERS, integers
    try:
        floats = list(map(float, texts))
    except ValueError:
        return None
    for kind in (_SHORT_FLOATS, _FLOATS):
        if _written(kind, floats) == list(texts):
            return kind, np.array(floats)
    return None


def _may_be_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _integers(texts: Sequence[str]) -> NDArray[np.int64] | None:
    """Texts that are all integers, as `str` writes them: int64[text]."""
    joined = f"[{','.join(texts)}]"
    try:
        numbers = orjson.loads(joined)
        # None has a comma, or there were more; the same text means the same form.
        is_same = len(numbers) == len(texts) and orjson.dumps(numbers) == joined.encode()
        if is_same and set(map(type, numbers)) == {int}:
            return np.array(numbers, dtype=np.int64)
    except (ValueError, TypeError, OverflowError):
        pass
    return None


def _written(kind: str, numbers: Sequence[float]) -> list[str]:
    texts = list(map(repr, numbers))
    return [text.removesuffix(".0") for text in texts] if kind == _SHORT_FLOATS else texts
