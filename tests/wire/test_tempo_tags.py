"""Answers of searches for tags: JSON and protobuf say the same."""

from __future__ import annotations

import orjson
import pytest

from appliance.wire import tempo_tags as wire
from appliance.wire.messages import tempo_pb2
from appliance.wire.span_json import to_dict

METRICS = {"inspectedBytes": "9", "totalJobs": 1, "completedJobs": 1}


@pytest.mark.parametrize(
    ("encode", "decode", "message", "found", "expected"),
    [
        (wire.names_json, wire.names_protobuf, "SearchTagsResponse", ["a"], {"tagNames": ["a"]}),
        (
            wire.scopes_json,
            wire.scopes_protobuf,
            "SearchTagsV2Response",
            {"span": ["a", "b"]},
            {"scopes": [{"name": "span", "tags": ["a", "b"]}]},
        ),
        (
            wire.values_json,
            wire.values_protobuf,
            "SearchTagValuesResponse",
            ["", "x"],
            {"tagValues": ["", "x"]},
        ),
        (
            wire.typed_json,
            wire.typed_protobuf,
            "SearchTagValuesV2Response",
            [("int", "5"), ("string", "")],
            {"tagValues": [{"type": "int", "value": "5"}, {"type": "string"}]},
        ),
    ],
)
def test_both_encodings(
    encode: object, decode: object, message: str, found: object, expected: dict[str, object]
) -> None:
    assert callable(encode)
    assert callable(decode)
    assert orjson.loads(encode(found, 9)) == expected | {"metrics": METRICS}
    read = getattr(tempo_pb2, message).FromString(decode(found, 9))
    assert to_dict(read) == expected | {"metrics": METRICS}


def test_nothing_is_an_empty_list() -> None:
    assert orjson.loads(wire.names_json([]))["tagNames"] == []
    assert orjson.loads(wire.typed_json([]))["tagValues"] == []


def test_values_in_few_words() -> None:
    answer = orjson.loads(wire.typed_brief([("int", "5"), ("int", "6"), ("string", "x")]))
    assert answer["tagValues"] == {"int": ["5", "6"], "string": ["x"]}
