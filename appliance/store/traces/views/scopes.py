"""Resources and instrumentation scopes as columns: parsed once each, spread over spans by ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.traces.attributes import RESOURCE_FIELD, SCOPE_FIELD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from appliance.store.traces.attributes import AttributeColumn

#: Scopes of attributes that spans share, and the field of the messages that has them.
SHARED_FIELDS = {"resource": RESOURCE_FIELD, "instrumentation": SCOPE_FIELD}
#: Which coded column holds the messages of each.
SHARED_COLUMNS = {"resource": "resource", "instrumentation": "scope"}


def messages_of(column: Dictionary) -> list[bytes]:
    """The serialized messages of a coded column."""
    return [one for one in column.values if isinstance(one, bytes)]


def spread(column: AttributeColumn, shared: Dictionary) -> Dictionary:
    """A column over resources or scopes as a column over spans.

    Args:
        shared: Which resource or scope each span has.
    """
    by_message = column.dictionary(len(shared.values) + 1)  # the last one: none
    return Dictionary(by_message.ids[shared.ids], column.values)


def names_and_versions(scopes: Dictionary) -> tuple[Dictionary, Dictionary]:
    """Names and versions of spans' scopes; the empty text where there is none."""
    from opentelemetry.proto.common.v1.common_pb2 import (  # noqa: PLC0415 - lazy
        InstrumentationScope,
    )

    parsed = [_parsed(InstrumentationScope.FromString, one) for one in messages_of(scopes)]
    names = [scope.name if scope else "" for scope in parsed]
    versions = [scope.version if scope else "" for scope in parsed]
    return _texts(names, scopes), _texts(versions, scopes)


def _texts(texts: Sequence[str], scopes: Dictionary) -> Dictionary:
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) for text in [*texts, ""]]
    return Dictionary(np.array(codes, np.int32)[scopes.ids], list(numbers))


def _parsed(parse: Callable[[bytes], Any], message: bytes) -> Any:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    try:
        return parse(message)
    except DecodeError:
        return None
