"""Whose items a request holds, at a glance (opentelemetry/proto/collector/*/v1).

All three kinds of request are lists of groups (field 1), and all groups begin with their resource
(field 1), where senders write fields in the order of their numbers, as all do. Only resources are
read, and each distinct one once.
"""

from __future__ import annotations

import functools
from typing import Any

from appliance.model.accepted import Origin

#: Groups of a request that are looked at.
MOST_GROUPS = 16
_FIRST_FIELD = 0x0A  # number 1, length-delimited
#: Larger resources are not remembered, and so not read.
_MOST_BYTES = 16 << 10
_SDK = ("telemetry.sdk.name", "telemetry.sdk.version", "telemetry.sdk.language")


def origins_of(body: bytes) -> tuple[Origin, ...]:
    """Distinct origins of the first groups, in their order; what cannot be read is left out.

    Args:
        body: Any of the three Export…ServiceRequest messages, valid or not.
    """
    found: dict[Origin, None] = {}
    at = 0
    for _ in range(MOST_GROUPS):
        if at >= len(body) or body[at] != _FIRST_FIELD:
            break
        start, end = _extent(body, at + 1)
        if start < end <= len(body) and body[start] == _FIRST_FIELD:
            first, last = _extent(body, start + 1)
            if last <= end and last - first <= _MOST_BYTES:
                found[_origin(body[first:last])] = None
        at = end
    found.pop(Origin(""), None)
    return tuple(found)


def _extent(body: bytes, at: int) -> tuple[int, int]:
    """Where the content of a field begins and ends whose length is at `at`."""
    length = shift = 0
    for position in range(at, min(at + 5, len(body))):
        byte = body[position]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return position + 1, position + 1 + length
        shift += 7
    return len(body), len(body)


@functools.lru_cache(maxsize=4096)
def _origin(resource: bytes) -> Origin:
    """What a serialized Resource says of its service and its SDK."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - 80 ms, once
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource  # noqa: PLC0415 - as above

    try:
        message: Any = Resource.FromString(resource)
    except DecodeError:
        return Origin("")
    texts = {item.key: item.value.string_value for item in message.attributes}
    name, version, language = (texts.get(key, "") for key in _SDK)
    sdk = " ".join(part for part in (name, version, f"({language})" if language else "") if part)
    return Origin(texts.get("service.name", "")[:200], sdk[:200])
