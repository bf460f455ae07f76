"""Events and links of a sealed block: whose they are, times and ids, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.codec import Damaged, decode_array, decode_bytes, encode_array, encode_bytes
from appliance.store.traces.items import ItemHeads
from appliance.store.traces.sealed.layout import decode_coded, encode_coded, join, split

if TYPE_CHECKING:
    from numpy.typing import NDArray


def encode_events(heads: ItemHeads, starts: NDArray[np.int64]) -> tuple[bytes, bytes]:
    """The columns `event` and `event_name`.

    Args:
        starts: int64[span], from which times are counted (modulo 2^64).
    """
    times = heads.numbers - starts[heads.rows]
    return join([encode_array(heads.rows), encode_array(times)]), encode_coded(heads.names)


def decode_events(blob: bytes, names: bytes, starts: NDArray[np.int64]) -> ItemHeads:
    """See `encode_events`.

    Raises:
        Damaged: Not such columns.
    """
    rows, times = map(decode_array, split(blob, 2))
    coded = decode_coded(names, text=True)
    if len(coded.ids) != len(rows) or len(times) != len(rows) or _leads_out(rows, len(starts)):
        raise Damaged("events do not fit together")
    no_ids = np.zeros((len(rows), 16), np.uint8)
    return ItemHeads(rows.astype(np.int32), times + starts[rows], coded, no_ids)


def encode_links(heads: ItemHeads) -> bytes:
    """The column `link`."""
    ids = encode_bytes(heads.trace_ids.tobytes())
    return join([encode_array(heads.rows), encode_array(heads.numbers), ids])


def decode_links(blob: bytes, count: int) -> ItemHeads:
    """See `encode_links`.

    Args:
        count: Spans of the block.

    Raises:
        Damaged: Not such a column.
    """
    rows, span_ids, joined = split(blob, 3)
    found = decode_array(rows).astype(np.int32)
    trace_ids = np.frombuffer(decode_bytes(joined), np.uint8)
    numbers = decode_array(span_ids)
    fits = len(numbers) == len(found) and len(trace_ids) == 16 * len(found)
    if not fits or _leads_out(found, count):
        raise Damaged("links do not fit together")
    names = Dictionary(np.full(len(found), -1, np.int32), [])
    return ItemHeads(found, numbers, names, trace_ids.reshape(-1, 16))


def _leads_out(rows: NDArray[np.int32], count: int) -> bool:
    return len(rows) > 0 and not 0 <= int(rows.min()) <= int(rows.max()) < count
