"""A few attributes of spans and their resources as columns, read without decoding the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.store.traces.attributes import RESOURCE_FIELD, SPAN_FIELD, parse_attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class TextIds:
    """Numbers of texts, in the order in which they came."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.texts: list[str] = []

    def id_of(self, text: str) -> int:
        """The number of a text."""
        found = self._ids.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def ids_of(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of some texts: int64[text]."""
        return np.fromiter(map(self.id_of, texts), np.int64, len(texts))


def span_values(spans: Sequence[bytes], keys: Sequence[str], texts: TextIds) -> NDArray[np.int64]:
    """Values of attributes of serialized spans.

    Returns:
        int64[span, key], numbers of texts; -1 where a span has no such attribute.
    """
    return _values(spans, SPAN_FIELD, keys, texts)


def resource_values(
    resources: Sequence[bytes], keys: Sequence[str], texts: TextIds
) -> NDArray[np.int64]:
    """The same of serialized resources."""
    return _values(resources, RESOURCE_FIELD, keys, texts)


def _values(
    messages: Sequence[bytes], field: int, keys: Sequence[str], texts: TextIds
) -> NDArray[np.int64]:
    found = np.full((len(messages), len(keys)), -1, np.int64)
    if not len(messages) or not keys:
        return found
    table = parse_attributes(messages, field)
    numbers = {key.encode(): number for number, key in enumerate(keys)}
    # A KeyValue begins with its key as field 1; keys of more than 127 bytes are not asked for.
    key_of = np.fromiter(
        (
            numbers.get(pair[2 : 2 + pair[1]], -1) if len(pair) > 1 else -1
            for pair in table.distinct
        ),
        np.int64,
        len(table.distinct),
    )
    wanted = np.flatnonzero(key_of >= 0)
    value_of = np.full(len(key_of), -1, np.int64)
    for number in wanted.tolist():
        value_of[number] = texts.id_of(_text(table.distinct[number]))
    hits = np.flatnonzero(key_of[table.pairs] >= 0)[::-1]  # of a key that repeats the first holds
    pairs = table.pairs[hits]
    found[table.rows[hits], key_of[pairs]] = value_of[pairs]
    return found


def _text(pair: bytes) -> str:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue  # noqa: PLC0415 - lazy

    from appliance.wire.otlp.values import to_text  # noqa: PLC0415 - lazy

    try:
        return to_text(KeyValue.FromString(pair).value)
    except DecodeError:
        return ""
