"""Loki's push requests to streams: JSON, its legacy form, and logproto.PushRequest.

Per entry there is as little Python as possible: a stream's times are converted together, its lines
encoded together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.log import StreamBatch
from appliance.wire.loki_labels import checked_labels, parse_labels
from appliance.wire.messages.loki_push_pb2 import PushRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import Metadata

_MAX_NS = 2**63 - 1
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(slots=True)
class _Entries:
    """Entries of one set of labels, from one or more streams of the request."""

    times: list[NDArray[np.int64]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    metadata: list[Metadata] = field(default_factory=list)
    has_metadata: bool = False


class _Streams:
    """Streams of one request, those with the same labels merged."""

    def __init__(self) -> None:
        self._found: dict[Labels, _Entries] = {}

    def add(
        self,
        labels: Labels,
        times: NDArray[np.int64],
        lines: list[bytes],
        metadata: Sequence[Metadata] | None,
    ) -> None:
        if not lines:
            return
        entries = self._found.setdefault(labels, _Entries())
        entries.times.append(times)
        entries.lines.extend(lines)
        entries.metadata.extend([()] * len(lines) if metadata is None else metadata)
        entries.has_metadata |= metadata is not None

    def batches(self) -> list[StreamBatch]:
        return [
            StreamBatch(
                labels,
                entries.times[0] if len(entries.times) == 1 else np.concatenate(entries.times),
                entries.lines,
                entries.metadata if entries.has_metadata else None,
            )
            for labels, entries in self._found.items()
        ]


def decode_push_json(body: bytes, *, now_ns: int) -> list[StreamBatch]:
    """Read a JSON push: `{"streams": [{"stream": {…}, "values": [["<ns>", "line", {…}], …]}]}`.

    The form of the first Loki releases, `labels` as text and `entries` with `ts` and `line`, is
    read as well.

    Args:
        body: Decompressed.
        now_ns: The time of legacy entries that have none.

    Returns:
        One batch per set of labels; streams without entries are left out.

    Raises:
        BadInput: Not JSON (`position` says where), or of another shape; names the place.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body is not JSON: {error}", position=error.pos) from error
    if not isinstance(document, dict):
        raise BadInput("expected an object with streams")
    found = _Streams()
    streams = document.get("streams")
    if not isinstance(streams, list | None):
        raise BadInput("streams: expected an array")
    for index, stream in enumerate(streams or []):
        place = f"streams[{index}]"
        if not isinstance(stream, dict):
            raise BadInput(f"{place}: expected an object")
        if "entries" in stream or "labels" in stream:
            _read_legacy(stream, place, found, now_ns=now_ns)
        else:
            _read_stream(stream, place, found)
    return found.batches()


def _read_stream(stream: dict[str, Any], place: str, found: _Streams) -> None:
    pairs = stream.get("stream")
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise BadInput(f"{place}.stream: expected an object with strings")
    labels = checked_labels(tuple(pairs.items()))
    values = stream.get("values")
    if not isinstance(values, list | None):
        raise BadInput(f"{place}.values: expected an array")
    if not values:
        return
    if set(map(type, values)) != {list}:
        _explain(values, place)
    try:
        lengths = set(map(len, values))
        times = _times([value[0] for value in values])
        lines = _encoded([value[1] for value in values])
    except (TypeError, KeyError, IndexError, ValueError, OverflowError):
        _explain(values, place)
        raise BadInput(f"{place}.values: expected entries of a time and a line") from None
    metadata = None if lengths == {2} else _metadata_column(values, place)
    found.add(labels, times, lines, metadata)


def _metadata_column(values: list[Any], place: str) -> list[Metadata]:
    """Structured metadata of each entry of a stream."""
    objects = [value[2] if len(value) > 2 else {} for value in values]
    try:
        "".join(map("".join, map(dict.values, objects)))  # objects with strings, all of them
    except TypeError:
        where = f"{place}.values[%d][2]"
        return [_metadata(pairs, where % index) for index, pairs in enumerate(objects)]
    return [tuple(sorted(pairs.items())) if pairs else () for pairs in objects]


def _explain(values: list[Any], place: str) -> None:
    """Raise for the first entry that is none."""
    for index, value in enumerate(values):
        where = f"{place}.values[{index}]"
        if not isinstance(value, list) or len(value) < 2:
            raise BadInput(f"{where}: expected an array of a time and a line")
        try:
            _times([value[0]])
        except (TypeError, ValueError, OverflowError):
            shown = repr(value[0])[:60]
            message = f"{where}[0]: expected nanoseconds as a string, got {shown}"
            raise BadInput(message) from None
        if not isinstance(value[1], str):
            raise BadInput(f"{where}[1]: expected the line as a string")


def _times(texts: list[Any]) -> NDArray[np.int64]:
    """Times from strings (or numbers): int64[entry].

    Raises:
        TypeError, ValueError, OverflowError: Some text is no int64.
    """
    try:
        numbers = orjson.loads("[" + ",".join(texts) + "]")  # a fourth of the time of int()
    except (TypeError, orjson.JSONDecodeError):
        numbers = None
    if numbers is None or len(numbers) != len(texts) or set(map(type, numbers)) != {int}:
        if not all(isinstance(text, str) or type(text) is int for text in texts):
            raise TypeError
        numbers = [int(text) for text in texts]
    return np.array(numbers, dtype=np.int64)


def _encoded(lines: list[str]) -> list[bytes]:
    """Lines in UTF-8; a TypeError if one is no string."""
    encoded = "\n".join(lines).encode().split(b"\n")
    return encoded if len(encoded) == len(lines) else [line.encode() for line in lines]


def _metadata(pairs: Any, place: str) -> Metadata:
    if pairs is None:
        return ()
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise BadInput(f"{place}: expected structured metadata as an object with strings")
    return tuple(sorted(pairs.items()))


def _read_legacy(stream: dict[str, Any], place: str, found: _Streams, *, now_ns: int) -> None:
    text = stream.get("labels")
    entries = stream.get("entries")
    if not isinstance(text, str):
        raise BadInput(f"{place}.labels: expected text such as '{{app=\"x\"}}'")
    if not isinstance(entries, list | None):
        raise BadInput(f"{place}.entries: expected an array")
    times, lines, metadata = [], [], []
    for index, entry in enumerate(entries or []):
        where = f"{place}.entries[{index}]"
        if not isinstance(entry, dict) or not isinstance(entry.get("line"), str):
            raise BadInput(f"{where}: expected an object with a line")
        stamp = entry.get("ts", entry.get("timestamp"))
        times.append(now_ns if stamp is None else _parse_rfc3339(stamp, where))
        lines.append(entry["line"].encode())
        metadata.append(_metadata(entry.get("structuredMetadata"), where))
    found.add(
        parse_labels(text),
        np.array(times, dtype=np.int64),
        lines,
        metadata if any(metadata) else None,
    )


def _parse_rfc3339(text: Any, place: str) -> int:
    """Nanoseconds since the epoch."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match:
        seconds, fraction, zone = match.groups()
        try:
            moment = datetime.fromisoformat(seconds.upper() + zone.upper().replace("Z", "+00:00"))
        except ValueError:
            match = None
        else:
            time_ns = int(moment.timestamp()) * 10**9 + int((fraction or "").ljust(9, "0"))
            if abs(time_ns) <= _MAX_NS:
                return time_ns
    raise BadInput(f"{place}.ts: expected a time as in RFC 3339, got {text!r}")


def decode_push_protobuf(body: bytes) -> list[StreamBatch]:
    """Read a logproto.PushRequest.

    Bytes of a line that are no UTF-8 become U+FFFD.

    Args:
        body: Already decompressed.

    Returns:
        As `decode_push_json`.

    Raises:
        BadInput: Not such a message, or labels that cannot be read.
    """
    try:
        request = PushRequest.FromString(body)
    except DecodeError as error:
        raise BadInput(f"body is not a protobuf PushRequest: {error}") from error
    found = _Streams()
    for stream in request.streams:
        labels = parse_labels(stream.labels.decode("utf-8", "replace"))
        entries = list(stream.entries)
        if not entries:
            continue
        metadata = None
        if any(entry.structured_metadata for entry in entries):
            metadata = [_pairs(entry.structured_metadata) for entry in entries]
        lines = _repaired([entry.line for entry in entries])
        found.add(labels, _protobuf_times([entry.timestamp for entry in entries]), lines, metadata)
    return found.batches()


def _protobuf_times(stamps: list[Any]) -> NDArray[np.int64]:
    """google.protobuf.Timestamp values as nanoseconds: int64[entry]."""
    seconds = np.array([stamp.seconds for stamp in stamps], dtype=np.int64)
    nanos = np.array([stamp.nanos for stamp in stamps], dtype=np.int64)
    limit = _MAX_NS // 10**9 - 3  # nanos, an int32, may add up to two seconds
    for extreme in (seconds.min(), seconds.max()):
        if not -limit <= extreme <= limit:
            raise BadInput(f"a timestamp of {extreme} s is out of range")
    return seconds * 10**9 + nanos


def _repaired(lines: list[bytes]) -> list[bytes]:
    """Lines in valid UTF-8."""
    try:
        b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return [line.decode("utf-8", "replace").encode() for line in lines]
    return lines


def _pairs(pairs: Any) -> Metadata:
    found = {
        pair.name.decode("utf-8", "replace"): pair.value.decode("utf-8", "replace")
        for pair in pairs
    }
    return tuple(sorted(found.items()))
