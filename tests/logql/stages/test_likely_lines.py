"""Lines that are not parsed."""

from __future__ import annotations

import pytest

from appliance.logql import ast
from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse
from appliance.logql.rows import Rows, rows_of
from appliance.logql.stages import compile_pipeline
from appliance.logql.stages.likely_lines import likely_lines
from tests.sources import Entry, labels, make_chunk


def stages_of(text: str) -> tuple[ast.Stage, ...]:
    query = parse("{app=~`.+`} " + text)
    assert isinstance(query, ast.Pipeline)
    return query.stages


def rows(*lines: str, **stream: str) -> Rows:
    entries = [Entry(at, line) for at, line in enumerate(lines)]
    return rows_of(make_chunk(labels(app="x", **stream), entries))


def left(text: str, given: Rows) -> list[int] | None:
    """Rows that the filter before the parser leaves; None: there is no such filter."""
    parser, *filters = stages_of(text)
    found = likely_lines(parser, [one for one in filters if isinstance(one, ast.LabelFilter)])
    return None if found is None else found(given).index.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('| json | id="abcd"', [0, 2]),
        ('| logfmt | id="abcd"', [0, 2]),
        ('| json | a="1" and id="abcd", b!="c"', [0, 2]),
        ('| json | id="abcd" or a="1"', None),
        ('| json | id=~"abcd"', None),
        ('| json | id!="abcd"', None),
        ('| json | id="abc"', None),
        ('| json | id="ab cd"', None),
        ('| json | __error__="JSONParserErr"', None),
        ('| json id="x" | id="abcd"', None),
        ('| regexp "(?P<id>.*)" | id="abcd"', None),
    ],
)
def test_lines_without_the_text_are_left_out(text: str, expected: list[int] | None) -> None:
    given = rows('{"id":"abcd"}', '{"id":"abc"}', '{"id":"\\u0061bcd"}', "id=abc")
    assert left(text, given) == expected


def test_escapes_that_may_stand_for_the_text_are_parsed() -> None:
    given = rows('{"id":"a\\/bcd"}', '{"id":"a/bcd"}', '{"m":"\\n","id":"x"}', '{"id":"a/b"}')
    assert left('| json | id="a/bcd"', given) == [0, 1]
    assert left('| logfmt | id="a/bcd"', given) == [0, 1, 2]


def test_labels_from_elsewhere_are_not_looked_for_in_lines() -> None:
    given = rows('{"id":"efgh"}', '{"a":1}', id="abcd")
    assert left('| json | id="abcd"', given) == [0, 1]
    assert left('| json | id_extracted="efgh"', given) == [0, 1]
    assert left('| json | other="efgh"', given) == [0]


@pytest.mark.parametrize(
    "text", ['| json | id="abcd"', '| json | id="abcd" and n="1"', '| logfmt | id="abcd"']
)
def test_what_passes_stays_the_same(text: str) -> None:
    lines = ['{"id":"abcd","n":1}', '{"id":"\\u0061bcd","n":2}', "id=abcd", 'id="ab\\u0063d"', "{"]
    both = rows(*lines * 100)
    found = compile_pipeline(stages_of(text)).run(both)
    expected = compile_pipeline(stages_of(f"{text} or none='x'".replace("'", '"'))).run(both)
    assert found.index.tolist() == expected.index.tolist()
    assert len(found)


@pytest.mark.parametrize(
    ("stages", "filters", "others"),
    [
        ('|= "a" |~ "b"', 2, 0),
        ("| json", 0, 1),
        ('| json | x="abcd"', 1, 1),
        ('|= "a" | json | x="abcd"', 2, 1),
        ('| json | drop x | logfmt | y="abcd"', 0, 4),
    ],
)
def test_filters_by_lines_come_first(stages: str, filters: int, others: int) -> None:
    query = parse(f'{{app="x"}} {stages}')
    assert isinstance(query, Pipeline)
    first, rest = compile_pipeline(query.stages).parts()
    assert (len(first.steps), len(rest.steps)) == (filters, others)
