"""The fixed fields of many spans at once (opentelemetry/proto/trace/v1, Span).

Reading a field of a parsed span costs a tenth of a microsecond or more, for each span and field.
Here all spans of a request are joined to one message, which is parsed once: that validates every
byte. Fixed fields are then read as arrays from where senders write them: in the order of their
numbers at the beginning. That no field comes again later is known because the joined message has
exactly as many as were found there. Whatever is unusual is left to the caller's slow way.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from opentelemetry.proto.trace.v1 import trace_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Fewer spans are read faster one by one.
LEAST = 48
#: A Status that stands between spans; no message is like that.
_MARK = b"\xff\xfe\xfd"
_STATUS = 15
_KIND = descriptor_pb2.FieldDescriptorProto
#: Fields of the joined message: those of Span, repeated.
_FIELDS: dict[int, tuple[int, str]] = {
    1: (_KIND.TYPE_BYTES, ""),
    2: (_KIND.TYPE_BYTES, ""),
    3: (_KIND.TYPE_STRING, ""),
    4: (_KIND.TYPE_BYTES, ""),
    5: (_KIND.TYPE_STRING, ""),
    6: (_KIND.TYPE_INT32, ""),
    7: (_KIND.TYPE_FIXED64, ""),
    8: (_KIND.TYPE_FIXED64, ""),
    9: (_KIND.TYPE_MESSAGE, ".opentelemetry.proto.common.v1.KeyValue"),
    11: (_KIND.TYPE_MESSAGE, ".opentelemetry.proto.trace.v1.Span.Event"),
    13: (_KIND.TYPE_MESSAGE, ".opentelemetry.proto.trace.v1.Span.Link"),
    _STATUS: (_KIND.TYPE_BYTES, ""),
}
_TRACE_STATE, _PARENT, _NAME, _SPAN_KIND, _START, _END = 0x1A, 0x22, 0x2A, 0x30, 0x39, 0x41
#: Bytes of the two ids with what is before them.
_IDS = 28


@dataclass(frozen=True, slots=True)
class SpanHeads:
    """Fixed fields of some spans.

    Attributes:
        trace_ids: uint8[span, 16].
        span_ids, parent_ids: uint64[span]; parent 0: none.
        starts, ends: uint64[span].
        kinds, statuses: int64[span].
        names: [span].
    """

    trace_ids: NDArray[np.uint8]
    span_ids: NDArray[np.uint64]
    parent_ids: NDArray[np.uint64]
    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    kinds: NDArray[np.int64]
    statuses: NDArray[np.int64]
    names: Sequence[str]


def read_heads(spans: Sequence[bytes]) -> SpanHeads | None:
    """The fixed fields of serialized spans, at least one.

    Returns:
        None when one of them is invalid, or says something twice or in another order.
    """
    try:
        run = _parser()(_separator().join(spans))
        statuses = _statuses(list(run.f15), len(spans))
    except DecodeError:
        return None
    found = None if statuses is None else _Walk(spans).heads(run, statuses)
    if found is None or not found.trace_ids.any(axis=1).all() or not found.span_ids.all():
        return None
    return found


@functools.cache
def _parser() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="appliance/span_run.proto", package="appliance.otlp", syntax="proto3"
    )
    file.dependency.append(trace_pb2.DESCRIPTOR.name)
    file.dependency.extend(one.name for one in trace_pb2.DESCRIPTOR.dependencies)
    message = file.message_type.add(name="SpanRun")
    for number, (kind, name) in _FIELDS.items():
        field = message.field.add(name=f"f{number}", number=number, label=_KIND.LABEL_REPEATED)
        field.type = kind
        if name:
            field.type_name = name
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    made = message_factory.GetMessageClass(pool.FindMessageTypeByName("appliance.otlp.SpanRun"))
    return made.FromString


def _separator() -> bytes:
    return bytes([_STATUS << 3 | 2, len(_MARK)]) + _MARK


def _statuses(pieces: list[bytes], count: int) -> NDArray[np.int64] | None:
    """Status codes: int64[span]; None unless each span has at most one status."""
    codes = {_MARK: -1}
    for piece in set(pieces) - {_MARK}:
        codes[piece] = trace_pb2.Status.FromString(piece).code
    found = np.array([codes[piece] for piece in pieces], np.int64)
    is_mark = np.array([piece == _MARK for piece in pieces], np.bool_)
    rows = np.cumsum(is_mark)[~is_mark]
    if int(is_mark.sum()) != count - 1 or (np.diff(rows) == 0).any():
        return None
    statuses = np.zeros(count, np.int64)
    statuses[rows] = found[~is_mark]
    return statuses


class _Walk:
    """Goes from field to field in all spans together."""

    def __init__(self, spans: Sequence[bytes]) -> None:
        lengths = np.fromiter(map(len, spans), np.int64, len(spans))
        self._ends = np.cumsum(lengths)
        self._starts = self._ends - lengths
        self._at = self._starts + _IDS
        self._joined = b"".join([*spans, bytes(_IDS)])  # so that there is something to read
        self._data = np.frombuffer(self._joined, np.uint8)

    def heads(self, run: Any, statuses: NDArray[np.int64]) -> SpanHeads | None:
        """What lies at the beginning of each span; None unless that is all there is."""
        count = len(self._ends)
        ids = self._bytes(self._starts, _IDS)
        is_usual = (ids[:, [0, 1, 18, 19]] == np.array([0x0A, 16, 0x12, 8])).all()
        has_state = self._pass_text(_TRACE_STATE)
        has_parent, parents = self._parents()
        has_name = self._pass_text(_NAME)
        has_kind, kinds = self._kinds()
        is_usual = is_usual and (self._byte() == _START).all()
        starts = self._bytes(self._at + 1, 8)
        self._at += 9
        is_usual = is_usual and (self._byte() == _END).all()
        ends = self._bytes(self._at + 1, 8)
        self._at += 9
        counts = [count, count, has_state, has_parent, has_name, has_kind, count, count]
        fields = [getattr(run, f"f{number}") for number in range(1, 9)]
        if not is_usual or (self._at > self._ends).any() or list(map(len, fields)) != counts:
            return None
        if has_name != count:
            return None
        return SpanHeads(
            np.ascontiguousarray(ids[:, 2:18]), _number(ids[:, 20:], ">u8"), parents,
            _number(starts, "<u8"), _number(ends, "<u8"), kinds, statuses, list(run.f5),
        )  # fmt: skip

    def _byte(self, offset: int = 0) -> NDArray[np.int64]:
        """The byte where each span is now: int64[span]."""
        places = np.minimum(self._at + offset, len(self._data) - 1)
        found: NDArray[np.int64] = self._data[places].astype(np.int64)
        return found

    def _bytes(self, places: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
        """So many bytes from each place on: uint8[span, width]."""
        kind = np.dtype(f"V{width}")
        windows = np.ndarray((len(self._joined) - width + 1,), kind, self._joined, strides=(1,))
        found = windows[np.minimum(places, len(windows) - 1)]
        return found.view(np.uint8).reshape(-1, width)

    def _pass_text(self, tag: int) -> int:
        """Go beyond a field of bytes where there is one, up to 16 KiB; how many have it."""
        is_here = self._byte() == tag
        first, second = self._byte(1), self._byte(2)
        is_long = first > 0x7F
        length = np.where(is_long, (first & 0x7F) + (second << 7) + 3, first + 2)
        # A length of more than two bytes leads beyond any end, which is noticed there.
        length = np.where(is_long & (second > 0x7F), len(self._data), length)
        self._at += np.where(is_here, length, 0)
        return int(is_here.sum())

    def _parents(self) -> tuple[int, NDArray[np.uint64]]:
        """How many spans have the field, and the ids; some senders write empty ones."""
        is_here, length = self._byte() == _PARENT, self._byte(1)
        ids = _number(self._bytes(self._at + 2, 8), ">u8")
        parents = np.where(is_here & (length == 8), ids, np.uint64(0))
        is_odd = is_here & (length != 8) & (length != 0)
        self._at += np.where(is_odd, len(self._data), np.where(is_here, length + 2, 0))
        return int(is_here.sum()), parents

    def _kinds(self) -> tuple[int, NDArray[np.int64]]:
        """How many spans have the field, and the kinds."""
        is_here, kinds = self._byte() == _SPAN_KIND, self._byte(1)
        self._at += np.where(is_here, np.where(kinds > 0x7F, len(self._data), 2), 0)
        return int(is_here.sum()), np.where(is_here, kinds, 0)


def _number(found: NDArray[np.uint8], form: str) -> NDArray[np.uint64]:
    """uint8[span, 8] as numbers: uint64[span]."""
    return np.ascontiguousarray(found).view(form).reshape(-1).astype(np.uint64)
