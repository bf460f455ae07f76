"""Templates as closures and by columns give what executing them for each row gives."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.parser import parse
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.times import Time
from appliance.gotemplate.values import Function, Int64, StringList, StringMap
from appliance.ingest.tail.stages.template import FUNCTIONS as STAGE_FUNCTIONS
from appliance.lines.column import coded
from appliance.logql.ast import LineFormat
from appliance.logql.rows import rows_of
from appliance.logql.stages.line_format import compile_line_format
from appliance.logql.templates.functions import FUNCTIONS
from tests.sources import Entry, labels, make_chunk

PIECES = st.sampled_from(
    [
        "text ",
        "{{.a}}",
        "{{.b | upper}}",
        "{{ .a | default .b }}",
        "{{__line__}}",
        "{{ if eq .a .b }}same{{ else if .a }}{{ .a }}{{ end }}",
        "{{ with .a }}<{{ . }}>{{ else }}none{{ end }}",
        "{{ $v := .b }}{{ $v | trunc 2 }}",
        "{{ div 6 .a }}",
        "{{ .a | duration }}",
        "{{ range $i, $c := fromJson .b }}{{ $i }}{{ end }}",
        '{{ printf "%5s|%v" .a (add .a 1) }}',
        "{{ __line__ | count .a }}",
        "{{ substr 1 2 .b }}",
        "{{ __timestamp__ | unixEpoch }}",
        "{{ .c.d }}",
        "{{ . }}",
    ]
)
VALUES = st.sampled_from([None, "", "0", "2", "ab", "3s", "[1,2]", "ü("])
ROWS = st.lists(st.tuples(VALUES, VALUES, st.text("abü02\n", max_size=4)), max_size=6)

ALL_FUNCTIONS = {**FUNCTIONS, **STAGE_FUNCTIONS}
ANY_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-9, 9)
    | st.integers(-9, 9).map(Int64)
    | st.floats()
    | st.text("ab01%/+=[]{},. -\n", max_size=6)
    | st.sampled_from(["2006-01-02", "Europe/Berlin", "1h", "3KB", "1679577215", "(a)"])
    | st.builds(Time, st.integers(0, 10**18)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.text(max_size=3), max_size=3).map(StringList)
        | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=4,
)


@given(st.sampled_from(sorted(ALL_FUNCTIONS)), st.lists(ANY_VALUES, max_size=4))
def test_functions_answer_or_refuse_any_value(name: str, values: list[object]) -> None:
    keys = [f"a{number}" for number in range(len(values))]
    found = TemplateSet(ALL_FUNCTIONS)
    found.add("x", "{{ " + " ".join([name, *(f".{key}" for key in keys)]) + " }}")
    with contextlib.suppress(BadInput):
        found.execute("x", dict(zip(keys, values, strict=True)), ALL_FUNCTIONS)


def one_by_one(template: str, found: dict[str, str], line: str, time_ns: int) -> str:
    """The line by Go's rules, executed for one entry; what it was when the template fails."""
    from appliance.gotemplate.times import Time

    own = {
        "__line__": Function((), lambda: line),
        "__timestamp__": Function((), lambda: Time(time_ns)),
    }
    functions = {**FUNCTIONS, **own}
    trees = parse("line", template, frozenset([*BUILTINS, *functions]))
    try:
        return Executor(trees[0], {}, functions).run(StringMap(found))
    except BadInput:
        return line


@given(st.lists(PIECES, max_size=4).map("".join), ROWS)
def test_line_format(template: str, found: list[tuple[str | None, str | None, str]]) -> None:
    entries = [Entry(n * 10**9, line) for n, (_, _, line) in enumerate(found)]
    columns = {
        "a": coded([a for a, _, _ in found]),
        "b": coded([b for _, b, _ in found]),
    }
    rows = rows_of(make_chunk(labels(app="x"), entries)).with_parsed(columns)

    made = compile_line_format(LineFormat(template))(rows).line_list()

    expected = []
    for number, (a, b, line) in enumerate(found):
        pairs = {"app": "x", "a": a, "b": b}
        given_labels = {name: value for name, value in pairs.items() if value is not None}
        expected.append(one_by_one(template, given_labels, line, number * 10**9))
    assert [line.decode("utf-8", "surrogateescape") for line in made] == expected
