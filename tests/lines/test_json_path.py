from __future__ import annotations

import pytest

from appliance.lines.json_line import BROKEN_ARRAY, BROKEN_JSON, UNKNOWN_VALUE
from appliance.lines.json_path import path_values

LINE = b'{"a":1,"b":{"c":"x\\n","d":[10,"s",{"e":true}]},"n":null,"o":{ "p": 1.50 },"a":2,"f":1.50}'


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a",), "1"),
        (("b", "c"), "x\n"),
        (("b", "d", 0), "10"),
        (("b", "d", 1), "s"),
        (("b", "d", 2, "e"), "true"),
        (("b", "d"), '[10,"s",{"e":true}]'),
        (("o",), '{ "p": 1.50 }'),
        (("n",), ""),
        (("f",), "1.50"),
        (("b", "x"), None),
        (("b", "d", 3), None),
        ((0,), None),
    ],
)
def test_values_at_paths(path: tuple[str | int, ...], text: str | None) -> None:
    assert path_values(LINE, [path])[0].get(0) == text


@pytest.mark.parametrize(
    ("line", "paths", "values", "fault"),
    [
        (b'{"a":"x","b', [("a",), ("b",)], {0: "x"}, None),
        (b'["s",{"t":1}]', [(0,), (1, "t")], {0: "s", 1: "1"}, None),
        (b'{"a":nope,"b":1}', [("a",), ("b",)], {1: "1"}, UNKNOWN_VALUE),
        (b'{"a":nope,"b":1}', [("b",)], {0: "1"}, None),
        (b'{"a":[1,2}', [("a",)], {}, BROKEN_ARRAY),
        (b'{"a":1} {"b":2}', [("b",)], {0: "2"}, None),
        (b'{"a":1}}{"b":2}', [("b",)], {}, BROKEN_JSON),
        (b'"a":1', [("a",)], {}, BROKEN_JSON),
        (b'"just text"', [("a",)], {}, None),
        (
            b'{"a":{"b":1},"c":2}',
            [("a",), ("a", "b"), ("c",)],
            {0: '{"b":1}', 1: "1", 2: "2"},
            None,
        ),
        (b'{"a":[[1,[2,{"k":"v"}]]]}', [("a", 0, 1, 1, "k"), ("a", 0, 0)], {0: "v", 1: "1"}, None),
        (b'{"a":[{"x":{"k":1},"k":2}]}', [("a", 0, "k")], {0: "2"}, None),
        (b'{"a":["{1}"],"b":3}', [("a", 0, "k"), ("b",)], {1: "3"}, None),
    ],
)
def test_lines_are_read_on_behind_what_is_wrong(
    line: bytes, paths: list[tuple[str | int, ...]], values: dict[int, str], fault: str | None
) -> None:
    assert path_values(line, paths) == (values, fault)
