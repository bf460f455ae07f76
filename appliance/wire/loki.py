"""Loki's push requests to streams: JSON, its legacy form, and logproto.PushRequest.

Per entry there is as little Python as possible: a stream's times are converted together, its lines
are put together into one text.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from appliance.base.errors import BadInput
from appliance.model.log import MetadataColumn, PlainLines
from appliance.wire.loki_labels import checked_labels, parse_labels
from appliance.wire.loki_protobuf import decode_push_protobuf
from appliance.wire.loki_streams import PushedStreams, lines_of_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.log import Metadata, StreamBatch

__all__ = ["decode_push_json", "decode_push_protobuf"]

_MAX_NS = 2**63 - 1
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)")


def decode_push_json(body: bytes, *, now_ns: int) -> list[StreamBatch]:
    """Read a JSON push: `{"streams": [{"stream": {…}, "values": [["<ns>", "line", {…}], …]}]}`.

    The form of the first Loki releases, `labels` as text and `entries` with `ts` and `line`, is
    read as well.

    Args:
        body: Decompressed.
        now_ns: The time of legacy entries that have none.

    Returns:
        One batch per set of labels; a stream without entries is a batch without any.

    Raises:
        BadInput: Not JSON (`position` says where), or of another shape; names the place.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body is not JSON: {error}", position=error.pos) from error
    if not isinstance(document, dict):
        raise BadInput("expected an object with streams")
    found = PushedStreams()
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


def _read_stream(stream: dict[str, Any], place: str, found: PushedStreams) -> None:
    labels = checked_labels(_label_pairs(stream.get("stream"), place))
    values = stream.get("values")
    if not isinstance(values, list | None):
        raise BadInput(f"{place}.values: expected an array")
    if not values:
        found.add(labels, np.empty(0, dtype=np.int64), PlainLines.of(()))
        return
    if set(map(type, values)) != {list}:
        values = [value for value in values if value is not None]
        if not all(isinstance(value, list) for value in values):
            _explain(values, place)
    try:
        is_plain = set(map(len, values)) == {2}
        times = _times([value[0] for value in values])
        lines = _lines([value[1] for value in values])
    except (TypeError, KeyError, IndexError, ValueError, OverflowError):
        _explain(values, place)
        raise BadInput(f"{place}.values: expected entries of a time and a line") from None
    found.add(labels, times, lines, None if is_plain else _metadata_column(values, place))


def _label_pairs(pairs: Any, place: str) -> tuple[tuple[str, str], ...]:
    """A stream's labels; what is no text is taken as it is written, as Loki does."""
    if not isinstance(pairs, dict):
        raise BadInput(f"{place}.stream: expected an object with strings")
    return tuple(
        (name, value if isinstance(value, str) else orjson.dumps(value).decode())
        for name, value in pairs.items()
    )


def _metadata_column(values: list[Any], place: str) -> MetadataColumn | None:
    """Structured metadata of each entry of a stream."""
    objects = [value[2] if len(value) > 2 else {} for value in values]
    try:
        "".join(map("".join, map(dict.values, objects)))  # objects with strings, all of them
    except TypeError:
        where = f"{place}.values[%d][2]"
        items = [_metadata(pairs, where % index) for index, pairs in enumerate(objects)]
    else:
        items = [tuple(sorted(pairs.items())) if pairs else () for pairs in objects]
    return MetadataColumn.of(items) if any(items) else None


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
        if not all(isinstance(text, str) or type(text) in {int, float} for text in texts):
            raise TypeError
        numbers = [int(text) for text in texts]
    return np.array(numbers, dtype=np.int64)


def _lines(lines: list[str]) -> PlainLines:
    """Lines in UTF-8; a TypeError if one is no string."""
    text = "\n".join([*lines, ""]).encode()
    found = lines_of_text(text, len(lines))
    return PlainLines.of([line.encode() for line in lines]) if found is None else found


def _metadata(pairs: Any, place: str) -> Metadata:
    if pairs is None:
        return ()
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise BadInput(f"{place}: expected structured metadata as an object with strings")
    return tuple(sorted(pairs.items()))


def _read_legacy(stream: dict[str, Any], place: str, found: PushedStreams, *, now_ns: int) -> None:
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
        times.append(now_ns if stamp is None else _parse_time(stamp, where))
        lines.append(entry["line"])
        metadata.append(_metadata(entry.get("structuredMetadata"), where))
    found.add(
        parse_labels(text),
        np.array(times, dtype=np.int64),
        _lines(lines),
        MetadataColumn.of(metadata) if any(metadata) else None,
    )


def _parse_time(text: Any, place: str) -> int:
    """Nanoseconds since the epoch, written so or as in RFC 3339."""
    if (isinstance(text, str) and text.isdecimal() and len(text) < 20) or type(text) is int:
        return min(int(text), _MAX_NS)
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
