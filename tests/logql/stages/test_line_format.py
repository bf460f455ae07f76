"""Lines made by templates."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.lines.column import coded
from appliance.logql.ast import LineFormat
from appliance.logql.rows import Rows, rows_of
from appliance.logql.stages.line_format import compile_line_format, line_format_reads
from tests.sources import Entry, labels, make_chunk

_S = 1_000_000_000


def rows(*lines: str, **parsed: list[str | None]) -> Rows:
    """Rows of a stream with some labels that were parsed."""
    chunk = make_chunk(labels(app="api"), [Entry(n * _S, line) for n, line in enumerate(lines)])
    return rows_of(chunk).with_parsed({name: coded(texts) for name, texts in parsed.items()})


def formatted(template: str, found: Rows) -> list[str]:
    made = compile_line_format(LineFormat(template))(found)
    return [line.decode("utf-8", "surrogateescape") for line in made.line_list()]


THREE = rows("l0", "l1", "l2", x=["a", "b", None], n=["1", "0", "3"])


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        ("same", ["same"] * 3),
        ("", [""] * 3),
        ("{{.x}}", ["a", "b", ""]),
        ("{{.app}}:{{.x}}/{{.missing}}", ["api:a/", "api:b/", "api:/"]),
        ("{{.x | upper}} {{.n}}", ["A 1", "B 0", " 3"]),
        ("{{__line__}}", ["l0", "l1", "l2"]),
        ("{{__line__ | upper}}={{.x}}", ["L0=a", "L1=b", "L2="]),
        ("{{ __timestamp__ | unixEpoch }}", ["0", "1", "2"]),
        ('{{ if eq .x "a" }}one{{ else }}{{ .n }}{{ end }}', ["one", "0", "3"]),
        ("{{ $v := .x }}{{ with $v }}<{{ . }}>{{ end }}", ["<a>", "<b>", ""]),
        ("{{ . }}", ["map[app:api n:1 x:a]", "map[app:api n:0 x:b]", "map[app:api n:3]"]),
        (
            '{{ define "t" }}[{{ .x }}{{ __line__ }}]{{ end }}{{ template "t" . }}',
            ["[al0]", "[bl1]", "[l2]"],
        ),
    ],
)
def test_lines(template: str, lines: list[str]) -> None:
    assert formatted(template, THREE) == lines


def test_what_was_the_line_is_kept_where_the_template_fails() -> None:
    made = compile_line_format(LineFormat("{{.x}}{{ div 6 .n }}"))(THREE)
    assert made.line_list() == [b"a6", b"l1", b"2"]
    assert made.errors is not None
    assert made.errors.texts() == [None, "TemplateFormatErr", None]
    assert made.details is not None
    assert made.details.texts()[1] == (
        'template: line:1:9: executing "line" at <div 6 .n>: error calling div:'
        " runtime error: integer divide by zero"
    )


def test_the_first_part_that_fails_is_told() -> None:
    made = compile_line_format(LineFormat("{{ mod 1 .n }}{{ div 1 .n }}"))(THREE)
    assert made.details is not None
    assert "<mod 1 .n>" in str(made.details.texts()[1])


def test_an_error_is_a_label_except_for_a_template_that_is_nothing_else() -> None:
    failed = compile_line_format(LineFormat("{{ div 6 .n }}"))(THREE)
    assert formatted("[{{.__error__}}]", failed) == ["[]", "[TemplateFormatErr]", "[]"]
    assert formatted("{{.__error__}}", failed) == ["", "", ""]


def test_bytes_that_are_no_text_are_kept() -> None:
    chunk = make_chunk(labels(app="x"), [Entry(1, "?")])
    found = rows_of(chunk).with_lines([b"\xff\xc3"])
    run = compile_line_format(LineFormat("<{{ __line__ | trunc 1 }}>{{ __line__ }}"))
    assert run(found).line_list() == [b"<\xff>\xff\xc3"]


def test_no_rows() -> None:
    assert formatted("{{.x | upper}}{{ __line__ | lower }}", rows()) == []


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ nosuchfunc .a }}", 'template: line:1: function "nosuchfunc" not defined'),
        ("{{ if }}", "template: line:1: missing value for if"),
        ("{{", "template: line:1: unclosed action"),
    ],
)
def test_what_is_no_template(template: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        compile_line_format(LineFormat(template))
    assert str(caught.value) == f"invalid line template: {message}"


def test_reads() -> None:
    assert line_format_reads(LineFormat("{{.a}}{{__line__}}")).names == frozenset("a")
