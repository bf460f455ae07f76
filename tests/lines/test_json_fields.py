from __future__ import annotations

import pytest

from appliance.lines.column import Fields
from appliance.lines.json_fields import json_fields
from appliance.model.log import PlainLines


def fields(*lines: str, names: frozenset[str] | None = None) -> Fields:
    plain = PlainLines.of([line.encode() for line in lines])
    return json_fields(plain.text, plain.offsets, names=names)


def columns(found: Fields) -> dict[str, list[str | None]]:
    return {name: column.texts() for name, column in found.columns.items()}


def test_numbers_are_kept_as_written() -> None:
    found = fields('{"a":1.50,"b":7}', '{"a":1e3,"b":-0}', '{"a":2,"b":0}')

    assert columns(found) == {"a": ["1.50", "1e3", "2"], "b": ["7", "-0", "0"]}
    assert found.irregular.tolist() == []


def test_numbers_of_a_key_that_is_deeper_too() -> None:
    found = fields('{"a":1.50,"b":{"a":2.0}}', '{"a":3.25}')

    assert columns(found) == {"a": ["1.50", "3.25"], "b_a": ["2.0", None]}


def test_objects_are_flattened_and_null_and_arrays_left_out() -> None:
    found = fields('{"a":{"b":true,"c":{"d":"x"}},"e":null,"f":[{"a":1}]}', '{"a":"y"}')

    assert columns(found) == {"a": [None, "y"], "a_b": ["true", None], "a_c_d": ["x", None]}


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1,"a":2}',
        '{"a":1,"b" :2}',
        '{"a":nul}',
        "text",
        "",
        '{"a.b":1,"a_b":2}',
        '{"a\\\\":1}',
    ],
)
def test_doubtful_lines_are_irregular(line: str) -> None:
    found = fields('{"a":"x"}', line, '{"a":"y"}')

    assert found.irregular.tolist() == [1]
    assert columns(found)["a"] == ["x", None, "y"]


def test_no_line_can_pretend_to_be_two() -> None:
    found = fields('{"a":[{}', '{}],"b":1}', '{"c":1},"\\u0001",{"d":1}', '{"e":1}')

    assert found.irregular.tolist() == [0, 1, 2]
    assert columns(found) == {"e": [None, None, None, "1"]}


def test_only_names_of_interest() -> None:
    found = fields('{"a":{"b":1,"c":2},"d":3}', names=frozenset(["a_b"]))

    assert columns(found) == {"a_b": ["1"]}


def test_many_sparse_keys() -> None:
    lines = [f'{{"k{number}":"{number}","s":{{"k{number}":"x"}}}}' for number in range(300)]

    found = columns(fields(*lines))

    assert found["k7"][7] == "7"
    assert found["s_k7"] == ["x" if at == 7 else None for at in range(300)]
