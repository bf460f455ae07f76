from __future__ import annotations

import pytest

from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse
from appliance.logql.stages import compile_pipeline
from tests.logql.stages.running import passed

LINES = ("an error", "a warning\nof two lines", "", "Error: 10.0.0.7 is down", "a|b .* x")


@pytest.mark.parametrize(
    ("stages", "rows"),
    [
        ('|= "error"', [0]),
        ('!= "error"', [1, 2, 3, 4]),
        ('|= ""', [0, 1, 2, 3, 4]),
        ('|= "error" or "warn"', [0, 1]),
        ('!= "error" or "warn"', [2, 3, 4]),
        ('|= "a" |= "e"', [0, 1]),
        ('|~ "err|warn"', [0, 1]),
        ('|~ "(?i)ERROR"', [0, 3]),
        ('|~ "^an?"', [0, 1, 4]),
        ('|~ "lines$"', [1]),
        ('|~ "warning$"', []),
        ('|~ "^of"', []),
        ('|~ "error.a"', []),
        ('|~ "(?s)error.a"', []),
        ('|~ "g.of"', []),
        ('|~ "(?s)g.of"', [1]),
        ('|= "g\\nof"', [1]),
        ('|~ "^$"', [2]),
        ('!~ ".+"', [2]),
        ('|~ ".*"', [0, 1, 2, 3, 4]),
        ("|~ `a\\|b \\.\\*`", [4]),
        ('|= ip("10.0.0.0/24")', [3]),
        ('!= ip("10.0.0.0/24") |= "E"', []),
        ('|= "an" or ip("10.0.0.7")', [0, 3]),
        ('|> "<_>warning<_>"', [1]),
        ('!> "<_>warning<_>"', [0, 2, 3, 4]),
    ],
)  # fmt: skip
def test_lines_that_pass(stages: str, rows: list[int]) -> None:
    assert passed(stages, *LINES) == [LINES[row] for row in rows]
    # One by one they are the same, and when a stage has made them.
    assert [line for one in LINES for line in passed(stages, one)] == [LINES[row] for row in rows]
    made = f'| line_format "{{{{__line__}}}}" {stages}'
    assert passed(made, *LINES) == [LINES[row] for row in rows]


def test_needles_are_what_every_line_contains() -> None:
    query = parse(
        '{a="b"} |= "x" != "y" | json |= "z" or "w" |> "<_>p<_>" |= ip("10.1.2.0/24") |~ "id=.+"'
    )
    assert isinstance(query, Pipeline)

    assert compile_pipeline(query.stages).needles == (b"x", b"p", b"10.1.2.", b"id=")


def test_filters_behind_a_new_line_are_no_needles() -> None:
    query = parse('{a="b"} |= "x" | line_format "y" |= "y"')
    assert isinstance(query, Pipeline)

    assert compile_pipeline(query.stages).needles == (b"x",)


def test_filters_come_before_the_colours_go_as_in_loki() -> None:
    line = "\x1b[31mred\x1b[0m text"

    assert passed('| decolorize |= "red text"', line) == []
    assert passed('| decolorize | app="x" |= "red text"', line) == ["red text"]
    assert passed("| decolorize", line, "plain") == ["red text", "plain"]
