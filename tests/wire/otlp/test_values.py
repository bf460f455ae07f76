from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from appliance.wire.otlp.values import (
    flatten,
    label_name,
    log_label_name,
    to_json,
    to_text,
    to_value,
)


def made(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, dict):
        pairs = [KeyValue(key=key, value=made(item)) for key, item in value.items()]
        return AnyValue(kvlist_value=KeyValueList(values=pairs))
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=map(made, value)))
    fields = {str: "string_value", int: "int_value", float: "double_value", bytes: "bytes_value"}
    return AnyValue() if value is None else AnyValue(**{fields[type(value)]: value})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        (True, "true"),
        (0, "0"),
        (-5, "-5"),
        (2.0, "2"),
        (0.25, "0.25"),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (float("inf"), "+Inf"),
        (float("nan"), "NaN"),
        (b"\x00\x01\xff", "AAH/"),
        (None, ""),
        ([], "[]"),
        (["a", 1, 2.5, None, [b"x"]], '["a",1,2.5,null,["eA=="]]'),
        ({"b": 1, "a": {"c": "<&>"}}, '{"a":{"c":"\\u003c\\u0026\\u003e"},"b":1}'),
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    assert to_text(made(value)) == text


@pytest.mark.parametrize(
    "value", ["x", "", 1, 2.5, False, b"", [1, [None]], {"a": {"b": []}}, None]
)
def test_values_as_python(value: object) -> None:
    assert to_value(made(value)) == value


def test_json_is_quoted_once() -> None:
    assert to_json('a"b\n') == '"a\\"b\\n"'


def test_maps_flatten_to_one_pair_per_leaf() -> None:
    pairs: dict[str, str] = {}
    flatten(pairs, "a.b", made({"c": {"d-e": 1}, "f": "x", "empty": ""}))
    flatten(pairs, "list", made([1]))

    assert pairs == {"a_b_c_d_e": "1", "a_b_f": "x", "list": "[1]"}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("http.method", "http_method"),
        ("2x", "key_2x"),
        ("_x", "key_x"),
        ("__x", "__x"),
        ("ü", "key_"),
    ],
)
def test_label_names(key: str, name: str) -> None:
    assert label_name(key) == name


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("http.method", "http_method"),
        ("trace__id", "trace_id"),
        ("a.-b", "a_b"),
        ("2x", "key_2x"),
        (".2", "_2"),
        ("_x", "_x"),
        ("___x", "_x"),
        ("__x__", "__x__"),
        ("__a..b__", "__a_b__"),
        ("x ", "x_"),
    ],
)
def test_label_names_of_logs(key: str, name: str) -> None:
    assert log_label_name(key) == name
