from __future__ import annotations

import pytest

from appliance.lines.json_line import BrokenLineError
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
    assert path_values(LINE, [path]).get(0) == text


def test_what_comes_before_a_break_is_found() -> None:
    assert path_values(b'{"a":"x","b', [("a",), ("b",)]) == {0: "x"}
    assert path_values(b'["s",{"t":1}]', [(0,), (1, "t")]) == {0: "s", 1: "1"}
    with pytest.raises(BrokenLineError):
        path_values(b'{"a":nope}', [("a",)])
