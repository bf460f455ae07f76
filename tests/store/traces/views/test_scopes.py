"""What spans share, spread over them."""

from __future__ import annotations

import numpy as np
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope

from appliance.model.trace import Dictionary
from appliance.store.traces.attributes import AttributeColumn
from appliance.store.traces.views.scopes import messages_of, names_and_versions, spread


def test_attributes_of_shared_messages_are_spread_over_spans() -> None:
    column = AttributeColumn(np.array([1], np.int32), np.array([0], np.int32), ["v"])
    shared = Dictionary(np.array([0, 1, -1, 1], np.int32), [b"first", b"second"])
    assert spread(column, shared).ids.tolist() == [-1, 0, -1, 0]


def test_names_and_versions() -> None:
    messages = [
        InstrumentationScope(name="lib", version="1").SerializeToString(),
        b"",
        InstrumentationScope(name="lib").SerializeToString(),
        b"\xff",
    ]
    scopes = Dictionary(np.array([3, 2, 1, 0, -1], np.int32), messages)
    names, versions = names_and_versions(scopes)
    assert [names.values[at] for at in names.ids] == ["", "lib", "", "lib", ""]
    assert [versions.values[at] for at in versions.ids] == ["", "", "", "1", ""]
    assert messages_of(scopes) == messages
