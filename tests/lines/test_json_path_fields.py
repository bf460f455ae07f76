from __future__ import annotations

from appliance.lines.json_path_fields import json_path_fields
from appliance.model.log import PlainLines


def test_values_at_paths_of_many_lines() -> None:
    lines = ['{"a":{"b":1.50},"c":["x",2]}', '{"a":{"b":null},"c":["y"]}', '{"a":"z"}', "text"]
    plain = PlainLines.of([line.encode() for line in lines])

    (ab, c0, nothing), irregular = json_path_fields(
        plain.text, plain.offsets, None, [("a", "b"), ("c", 0), ("n",)]
    )

    assert irregular.tolist() == [3]
    assert ab.texts() == ["1.50", "", None, None]
    assert c0.texts() == ["x", "y", None, None]
    assert nothing.texts() == [None] * 4


def test_lines_whose_text_is_wanted_are_irregular() -> None:
    lines = ['{"a":{"b":1}}', '{"a":1,"a":2}', '{"a":[1]}', '{"a":3}']
    plain = PlainLines.of([line.encode() for line in lines])

    (a,), irregular = json_path_fields(plain.text, plain.offsets, None, [("a",)])

    assert irregular.tolist() == [0, 1, 2]
    assert a.texts() == [None, None, None, "3"]
