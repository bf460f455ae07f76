"""The outermost fields of a protobuf request, found without making objects."""

from __future__ import annotations

from typing import NamedTuple

from appliance.base.errors import BadInput

_MAX_SHIFT = 63


class Frames(NamedTuple):
    """Where the series of a request are, and the contents of its other fields of interest."""

    starts: list[int]
    ends: list[int]
    others: list[bytes]


def walk(body: bytes, *, series: int, other: int, name: str) -> Frames:
    """Find the fields of a request.

    Args:
        series, other: Tags (below 128) of fields that have a length; all others are skipped.
        name: Of the message, for errors.

    Raises:
        BadInput: The fields do not fill the body.
    """
    frames = Frames([], [], [])
    add_start, add_end, add_other = frames.starts.append, frames.ends.append, frames.others.append
    at, size = 0, len(body)
    try:
        while at < size:
            tag, length = body[at], body[at + 1]
            if tag != series and tag != other:  # noqa: PLR1714 - in the hot loop
                at = _skip(body, at, name)
                continue
            at += 2
            if length > 0x7F:
                length, at = read_varint(body, at - 1)
            end = at + length
            if tag == series:
                add_start(at)
                add_end(end)
            else:
                add_other(body[at:end])
            at = end
    except IndexError:
        at = size + 1
    if at > size:
        raise BadInput(f"proto: {name}: unexpected EOF")
    return frames


def read_varint(body: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends.

    Raises:
        BadInput: It is longer than 64 bits.
        IndexError: The body ends within it.
    """
    value = shift = 0
    while (byte := body[at]) > 0x7F:
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if shift > _MAX_SHIFT:
            raise BadInput("proto: integer overflow")
    return value | byte << shift, at + 1


def _skip(body: bytes, at: int, name: str) -> int:
    """Where a field of no interest ends."""
    tag, at = read_varint(body, at)
    wire = tag & 7
    if not tag >> 3 or wire in {3, 4, 6, 7}:
        raise BadInput(f"proto: {name}: illegal tag {tag >> 3} (wire type {wire})")
    if wire == 0:
        return read_varint(body, at)[1]
    if wire in {1, 5}:
        return at + (8 if wire == 1 else 4)
    length, at = read_varint(body, at)
    return at + length
