"""Any text is a template that gives text, or is refused; numbers print as Python prints them."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import text_of
from appliance.gotemplate.parser import parse
from appliance.gotemplate.printf import sprintf
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.values import StringMap
from appliance.rules.template_functions import STATIC_FUNCTIONS
from tests.gotemplate.rendering import DATA, FUNCTIONS, rendered

WORDS = [
    "{{", "}}", "{{-", "-}}", "{{end}}", "{{else}}", "{{if ", "{{range ", "{{with ", "{{break}}",
    '{{define "a"}}', '{{template "a" .}}', "$x", ":=", "=", ",", "|", "(", ")", ".", ".Labels",
    ".Value", ".When", ".Empty", ".Unix", "1", "-2", "1.5", '"s"', "`r`", "'c'", "nil", "true",
    "list", "args", "index", "slice", "printf", '"%*[1]v%-5.2q%T"', "eq", "lt", "len", "and", "not",
    "humanize", "toTime", "title", " ", "\n", "/*", "*/", "call", "html", "text", "é",
]  # fmt: skip
TEMPLATES = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join) | st.text(max_size=60)
ACTIONS = st.lists(st.sampled_from(WORDS[10:]), max_size=12).map(" ".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(TEMPLATES | ACTIONS.map("{{{{ {} }}}}".format))
def test_a_template_is_rendered_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(rendered(text, DATA), str)


@given(ACTIONS)
def test_an_action_is_printed_as_one_that_means_the_same(text: str) -> None:
    with contextlib.suppress(BadInput):
        body = parse("x", "{{ " + text + " }}", FUNCTIONS)[0].body
        shown = "".join(map(text_of, body))
        again = parse("x", shown, FUNCTIONS)[0].body
        assert "".join(map(text_of, again)) == shown


@given(st.sampled_from(sorted(STATIC_FUNCTIONS)), st.lists(VALUES, max_size=3))
def test_functions_answer_or_refuse_any_value(name: str, values: list[object]) -> None:
    keys = [f"a{number}" for number in range(len(values))]
    found = TemplateSet(STATIC_FUNCTIONS)
    found.add("x", "{{ " + " ".join([name, *(f".{key}" for key in keys)]) + " }}")
    with contextlib.suppress(BadInput):
        found.execute("x", dict(zip(keys, values, strict=True)), STATIC_FUNCTIONS)


@given(st.text("%*.[]0123456789+-# vdsqxXTtbocUefgEG", max_size=12), st.lists(VALUES, max_size=3))
def test_printf_takes_anything(form: str, values: list[object]) -> None:
    assert isinstance(sprintf(form, [*values, StringMap()]), str)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 20))
def test_numbers_with_a_precision(value: float, precision: int) -> None:
    for verb in "efg":
        assert sprintf(f"%.{precision}{verb}", [value]) == f"{value:.{precision}{verb}}"
