from __future__ import annotations

from appliance.lines.json_shapes import shaped_fields
from appliance.model.log import PlainLines


def shaped(*lines: str) -> tuple[dict[str, list[str | None]], list[bool]]:
    plain = PlainLines.of([line.encode() for line in lines])
    columns, is_done = shaped_fields(plain.text, plain.offsets, None, min_lines=1)
    return {name: column.texts() for name, column in columns.items()}, is_done.tolist()


def test_lines_of_several_shapes() -> None:
    columns, is_done = shaped(
        '{"a":1,"b":"x"}', '{"a":22,"b":"y"}', '{"b":"x","a":3.50}', '{"c":{"d":true}}'
    )

    assert is_done == [True] * 4
    assert columns == {
        "a": ["1", "22", "3.50", None],
        "b": ["x", "y", "x", None],
        "c_d": [None, None, None, "true"],
    }


def test_null_is_absent_and_a_string_that_says_so_is_not() -> None:
    columns, _ = shaped('{"a":null}', '{"a":"null"}', '{"a":5}')

    assert columns == {"a": [None, "null", "5"]}


def test_lines_with_escapes_control_characters_or_broken_text_have_no_shape() -> None:
    lines = [
        b'{"a":"x"}',
        b'{"a":"\\n"}',
        b'{"a":"\t"}',
        b'{"a":"\xff"}',
        b'{"a":"y\ny"}',
        b'{"a":"z"}',
    ]
    plain = PlainLines.of(lines)

    columns, is_done = shaped_fields(plain.text, plain.offsets, None, min_lines=1)

    assert is_done.tolist() == [True, False, False, False, False, True]
    assert columns["a"].texts() == ["x", None, None, None, None, "z"]


def test_names_that_come_twice_make_no_shape() -> None:
    for line in ('{"a":1,"a":2}', '{"a.b":1,"a":{"b":2}}', '{"a":[1,2]}', "{}"):
        _, is_done = shaped(line, line)
        assert is_done == [False, False], line


def test_values_in_arrays_are_of_no_label() -> None:
    columns, is_done = shaped('{"a":["x",{"b":1}],"c":"z"}', '{"a":["y",{"b":2}],"c":"z"}')

    assert is_done == [True, True]
    assert columns == {"c": ["z", "z"]}


def test_lines_with_very_many_keys_have_no_shape() -> None:
    line = "{" + ",".join(f'"k{number}":{number}' for number in range(2000)) + "}"

    assert shaped(line, line) == ({}, [False, False])
