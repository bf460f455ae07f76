"""Functions that every template has."""

from __future__ import annotations

import pytest

from tests.gotemplate.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ eq 1 2 1 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1 2 }} {{ ge 2 2 }}",
         "true true true true false true"),
        ('{{ lt "a" "b" }} {{ eq true false }} {{ eq .Empty nil }}', "true false true"),
        ("{{ and 1 0 3 }} {{ and 1 3 }} {{ or 0 4 }} {{ or 0 .Empty }} {{ not 0 }}",
         "0 3 4 <no value> true"),
        ("{{ and 0 (half nofield) }}", "0"),
        ('{{ index .Labels "dc" }} {{ index .Labels "x" }}| {{ index (list 1 (list 2 3)) 1 0 }}',
         "eu | 2"),
        ('{{ slice "abcdef" 1 3 }} {{ slice (list 1 2 3) 1 }} {{ slice "ab" }}', "bc [2 3] ab"),
        ('{{ len "Zürich" }} {{ len .Labels }} {{ len (list 1) }}', "7 2 1"),
        ("{{ html \"<a b='c'>&\" }} {{ html 1 }}", "&lt;a b=&#39;c&#39;&gt;&amp; 1"),
        ("{{ js \"it's <b>&=\\n\" }}", "it\\'s \\u003Cb\\u003E\\u0026\\u003D\\u000A"),
        ('{{ urlquery "a b&é" }}', "a+b%26%C3%A9"),
        ('{{ print 1 2 "a" }}{{ println "b" 3 }}{{ printf "%.1f" 2.25 }}', "1 2ab 3\n2.2"),
    ],
)  # fmt: skip
def test_results(text: str, expected: str) -> None:
    text = text.replace("nofield", "(index (list) 5)")
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eq 1", "missing argument for comparison"),
        ("eq 1 1.0", "incompatible types for comparison: int and float64"),
        ("eq .Labels .Labels",
         "non-comparable type map[dc:eu host:web1:9100]: map[string]string"),
        ("lt true false", "invalid type for comparison"),
        ("gt nil 1", "invalid type for comparison"),
        ("index nil 1", "index of untyped nil"),
        ("index .Labels 1", "value has type int; should be string"),
        ("index (list 1) 5", "index out of range: 5"),
        ("index (list 1) 1", "reflect: slice index out of range"),
        ('index (list 1) "a"', "cannot index slice/array with type string"),
        ("index 1 1", "can't index item of type int"),
        ('slice "abc" 2 1', "invalid slice index: 2 > 1"),
        ('slice "abc" 0 1 2', "cannot 3-index slice a string"),
        ("slice .Labels 0 1", "can't slice item of type map[string]string"),
        ("len 3", "len of type int"),
        ("call 1", "non-function 1 of type int"),
    ],
)  # fmt: skip
def test_errors(text: str, message: str) -> None:
    name = text.partition(" ")[0]
    expected = f'template: x:1:3: executing "x" at <{text}>: error calling {name}: {message}'
    assert failure("{{ " + text + " }}") == expected


def test_comparisons_with_nan_are_those_of_go() -> None:
    assert rendered("{{ gt . 1.0 }}{{ le . 1.0 }}{{ eq . . }}", float("nan")) == "truefalsefalse"
