"""Values out of JSON lines."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.errors import BadInput
from appliance.ingest.tail.stage_config import JsonStage
from appliance.ingest.tail.stages.json_fields import JsonFields
from tests.ingest.tail.stages.piping import one, piped

LINE = (
    '{"a":"text","n":1.50,"i":12345678901,"yes":true,"nil":null,"o":{"k":"v","l":[1,{"x":2}]},'
    '"dash-ed":"d","html":["<&>"],"big":12345678901234567890}'
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", "text"),
        ("n", 1.5),
        ("i", 12_345_678_901),
        ("yes", True),
        ("nil", None),
        ("missing", None),
        ("o.k", "v"),
        ("a.k", None),
        ("o.l[1].x", 2),
        ("o.l[*].x", "[2]"),
        ('"dash-ed"', "d"),
        ("o", '{"k":"v","l":[1,{"x":2}]}'),
        ("html", '["\\u003c\\u0026\\u003e"]'),
        ("length(a)", 4),
        ("big", 12345678901234567890),
        ("a || n", "text"),
    ],
)
def test_paths(path: str, value: Any) -> None:
    stage = JsonFields(JsonStage(expressions={"found": path}))
    entry = one("- labels: {x: }", LINE)
    stage.run([entry])
    assert entry.extracted == {"found": value}


def test_a_name_is_its_own_path() -> None:
    assert one("- json: {expressions: {a: }}", LINE).extracted == {"a": "text"}


def test_a_source_is_read_instead_of_the_line() -> None:
    config = """
        - json: {expressions: {o: }}
        - json: {expressions: {k: }, source: o}
        - json: {expressions: {never: }, source: nothing}
    """
    assert one(config, LINE).extracted == {"o": '{"k":"v","l":[1,{"x":2}]}', "k": "v"}


def test_what_is_no_object_extracts_nothing_and_may_be_dropped() -> None:
    lines = ('{"a":1}', "[1]", "text", '{"a":1} more', "null", '{"a":"\\ud800"}')
    kept = piped("- json: {expressions: {a: }}", *lines)
    assert [e.extracted for e in kept] == [{"a": 1}, {}, {}, {}, {"a": None}, {"a": "\ufffd"}]
    dropped = piped("- json: {expressions: {a: }, drop_malformed: true}", *lines)
    assert [e.line for e in dropped] == [lines[0], lines[4], lines[5]]


@pytest.mark.parametrize(
    "line", ['{"a":"\\ud800","n":NaN}', '"\\u0041' + "[" * 100_000, '{"\\ud800":' * 5_000]
)
def test_what_no_reader_takes_is_no_object(line: str) -> None:
    assert one("- json: {expressions: {a: }}", line).extracted == {}


def test_a_failing_function_leaves_its_value_out() -> None:
    entry = one("- json: {expressions: {x: length(n), a: }}", LINE)
    assert entry.extracted == {"a": "text"}


def test_what_is_no_expression() -> None:
    with pytest.raises(BadInput, match=r"could not compile JMES expression 'a\['"):
        JsonFields(JsonStage(expressions={"x": "a["}))
