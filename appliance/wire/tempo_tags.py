"""Names and values of tags as Tempo answers them, in JSON or protobuf (tempopb, `SearchTag…`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    #: Type and text, such as `int` and `500`.
    TypedValue = tuple[str, str]


def _metrics(size_bytes: int) -> dict[str, object]:
    found: dict[str, object] = {"inspectedBytes": str(size_bytes)} if size_bytes else {}
    return found | {"totalJobs": 1, "completedJobs": 1}


def _fill_metrics(message: Any, size_bytes: int) -> bytes:
    message.metrics.inspectedBytes = size_bytes
    message.metrics.completedJobs = message.metrics.totalJobs = 1
    encoded: bytes = message.SerializeToString()
    return encoded


def names_json(names: Sequence[str], size_bytes: int = 0) -> bytes:
    """Names, of all scopes together.

    Args:
        size_bytes: How much was read for them.
    """
    return orjson.dumps({"tagNames": names, "metrics": _metrics(size_bytes)})


def names_protobuf(names: Sequence[str], size_bytes: int = 0) -> bytes:
    """The same as protobuf."""
    from appliance.wire.messages.tempo_pb2 import SearchTagsResponse  # noqa: PLC0415 - seldom

    return _fill_metrics(SearchTagsResponse(tagNames=names), size_bytes)


def scopes_json(scopes: Mapping[str, Sequence[str]], size_bytes: int = 0) -> bytes:
    """Names by scope."""
    shown = [{"name": scope, "tags": names} for scope, names in scopes.items()]
    return orjson.dumps({"scopes": shown, "metrics": _metrics(size_bytes)})


def scopes_protobuf(scopes: Mapping[str, Sequence[str]], size_bytes: int = 0) -> bytes:
    """The same as protobuf."""
    from appliance.wire.messages.tempo_pb2 import SearchTagsV2Response  # noqa: PLC0415 - seldom

    message = SearchTagsV2Response()
    for scope, names in scopes.items():
        message.scopes.add(name=scope, tags=names)
    return _fill_metrics(message, size_bytes)


def values_json(values: Sequence[str], size_bytes: int = 0) -> bytes:
    """Values as plain text."""
    return orjson.dumps({"tagValues": values, "metrics": _metrics(size_bytes)})


def values_protobuf(values: Sequence[str], size_bytes: int = 0) -> bytes:
    """The same as protobuf."""
    from appliance.wire.messages.tempo_pb2 import SearchTagValuesResponse  # noqa: PLC0415

    return _fill_metrics(SearchTagValuesResponse(tagValues=values), size_bytes)


def typed_json(values: Sequence[TypedValue], size_bytes: int = 0) -> bytes:
    """Values with their types."""
    shown = [_shown(kind, text) for kind, text in values]
    return orjson.dumps({"tagValues": shown, "metrics": _metrics(size_bytes)})


def _shown(kind: str, text: str) -> dict[str, str]:
    return {"type": kind, "value": text} if text else {"type": kind}


def typed_protobuf(values: Sequence[TypedValue], size_bytes: int = 0) -> bytes:
    """The same as protobuf."""
    from appliance.wire.messages.tempo_pb2 import SearchTagValuesV2Response  # noqa: PLC0415

    message = SearchTagValuesV2Response()
    for kind, text in values:
        message.tagValues.add(type=kind, value=text)
    return _fill_metrics(message, size_bytes)


def typed_brief(values: Sequence[TypedValue], size_bytes: int = 0) -> bytes:
    """Values by type, in few words, as language models read them."""
    found: dict[str, list[str]] = {}
    for kind, text in values:
        found.setdefault(kind, []).append(text)
    metrics = {"inspectedBytes": size_bytes} if size_bytes else {}
    return orjson.dumps({"tagValues": found, "metrics": metrics | {"totalJobs": 1}})
