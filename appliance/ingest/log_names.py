"""Structured metadata as Loki keeps it: names sanitised, broken characters taken out of values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.model.log import MetadataColumn
from appliance.wire.otlp.values import log_label_name

if TYPE_CHECKING:
    from appliance.model.log import Metadata, StreamBatch

_BROKEN = "�"


def with_clean_metadata(stream: StreamBatch) -> StreamBatch:
    """A stream whose metadata has names of labels; `stream` itself when it is so already."""
    if stream.metadata is None:
        return stream
    column = MetadataColumn.of(stream.metadata)
    names = {name for pairs in column.distinct for name, _ in pairs}
    is_clean = not any(map(_is_odd, names)) and not any(
        _BROKEN in value for pairs in column.distinct for _, value in pairs
    )
    if is_clean:
        return replace(stream, metadata=column)
    sets = [_clean(pairs) for pairs in column.distinct]
    return replace(stream, metadata=MetadataColumn(sets, column.ids))


def _clean(pairs: Metadata) -> Metadata:
    """Of names that become equal the last one holds that had to be changed."""
    found = {name: value.replace(_BROKEN, "") for name, value in pairs}
    changed = {log_label_name(name): found.pop(name) for name, _ in pairs if _is_odd(name)}
    return tuple(sorted((found | changed).items()))


def _is_odd(name: str) -> bool:
    return log_label_name(name) != name
