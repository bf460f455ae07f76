"""JSON is read as Go reads it, and refused in its words."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.wire.alertmanager.go_json import EmptyBody, kind_of, read_json


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, true, null, "x"]}', {"a": [1, True, None, "x"]}),
        (b" [] trailing", []),
        (b"[] []", []),
        (b'["\xff"]', ["\ufffd"]),
        (rb'["\ud800", "\ud83d\ude00"]', ["\ufffd", "\U0001f600"]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"\xff": {"b": ["\xff"]}}', {"\ufffd": {"b": ["\ufffd"]}}),
    ],
)
def test_values(body: bytes, value: object) -> None:
    assert read_json(body) == value


@pytest.mark.parametrize("body", [b"", b" \n\t"])
def test_nothing_at_all(body: bytes) -> None:
    with pytest.raises(EmptyBody):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "unexpected EOF"),
        ('["a', "unexpected EOF"),
        ("[1,", "unexpected EOF"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("[1 2]", "invalid character '2' after array element"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[tru]", "invalid character ']' in literal true (expecting 'e')"),
        ("[nul1]", "invalid character '1' in literal null (expecting 'l')"),
        ("[NaN]", "invalid character 'N' looking for beginning of value"),
        ("[-]", "invalid character ']' in numeric literal"),
        ("[01]", "invalid character '1' after array element"),
        ("[1.]", "invalid character ']' after decimal point in numeric literal"),
        ("[1e+]", "invalid character ']' in exponent of numeric literal"),
        ('["\n"]', r"invalid character '\n' in string literal"),
        ('["\x01"]', r"invalid character '\x01' in string literal"),
        (r'["\x"]', "invalid character 'x' in string escape code"),
        (r'["\u12g4"]', r"invalid character 'g' in \u hexadecimal character escape"),
        ("['a']", r"invalid character '\'' looking for beginning of value"),
    ],
)
def test_faults(body: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        read_json(body.encode())
    assert error.value.message == message


def test_a_text_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(BadInput):
        read_json(b"[" * 100_000)


def test_names_of_kinds() -> None:
    values: tuple[object, ...] = ({}, [], "", True, 1, 1.5)
    kinds = [kind_of(value) for value in values]
    assert kinds == ["object", "array", "string", "bool", "number", "number"]
