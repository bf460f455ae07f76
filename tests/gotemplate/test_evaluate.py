"""Fields, methods, arguments and their types; where errors are said to be."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.values import Function
from tests.gotemplate.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .Labels.dc }} {{ .Labels.nope }}| {{ (args 1).nope }}", "eu | <no value>"),
        ("{{ $x := 1 }}{{ $x = 2 }}{{ $x }} {{ $.Value }}", "2 1.5"),
        ("{{ half 3 }} {{ half 3.0 }} {{ 3.0 | half }} {{ half .Value }}", "1.5 1.5 1.5 0.75"),
        ('{{ "a" | printf "%s%s" "b" }} {{ (index (list .) 0).Value }}', "ba 1.5"),
        ("{{ $x := (args).a }}{{ $x.y.z }}", "<no value>"),
        ("{{ .Empty }} {{ list nil }}", "<no value> [<nil>]"),
        ("{{ span 1500000000 }}", "1.5s"),
        ('{{ .When.Format "2006" }} {{ "2006" | .When.Format }}', "2024 2024"),
    ],
)
def test_values(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".Nope", "1:3: at <.Nope>: can't evaluate field Nope in type main.Data"),
        (".Labels.dc.x", "1:10: at <.Labels.dc.x>: can't evaluate field x in type string"),
        ("(args).a.b", "1:4: at <args>: nil pointer evaluating interface {}.b"),
        ("toUpper 5", "1:11: at <5>: expected string; found 5"),
        ('half "a"', '1:8: at <"a">: expected float; found "a"'),
        (
            "half (len .Labels)",
            "1:13: at <.Labels>: wrong type for value; expected float64; got int",
        ),
        (
            ".Value | toUpper",
            "1:12: at <toUpper>: wrong type for value; expected string; got float64",
        ),
        ("toUpper nil", "1:11: at <nil>: cannot assign nil to string"),
        ("toUpper .Empty", "1:11: at <.Empty>: invalid value; expected string"),
        ('span "a"', '1:8: at <"a">: expected integer; found "a"'),
        ("9223372036854775808", "1:3: at <9223372036854775808>: 9223372036854775808 overflows int"),
        (
            "call .Labels.dc",
            "1:3: at <call .Labels.dc>: error calling call: non-function .Labels.dc",
        ),
        ("toUpper", "1:3: at <toUpper>: wrong number of args for toUpper: want 1 got 0"),
        ("toUpper 1 2", "1:3: at <toUpper>: wrong number of args for toUpper: want 1 got 2"),
        ("and", "1:3: at <and>: wrong number of args for and: want at least 1 got 0"),
        ("1 2", "1:3: at <1>: can't give argument to non-function 1"),
        (".Labels.dc 1", "1:10: at <.Labels.dc>: dc is not a method but has arguments"),
        (".Value 1", "1:3: at <.Value>: Value has arguments but cannot be invoked as function"),
        ("nil", "1:3: at <nil>: nil is not a command"),
        ("nil.x", ""),
        ('match "(" ""', '1:3: at <match "(" "">: error calling match: error parsing regexp:'),
    ],
)
def test_errors(text: str, message: str) -> None:
    place, _, rest = message.partition(": ")
    assert failure("{{ " + text + " }}").startswith(
        f'template: x:{place}: executing "x" {rest}' if message else "template: x:1: unexpected ."
    )


def test_places_count_bytes_after_the_last_newline() -> None:
    assert failure("é\né {{ .X }}").startswith('template: x:2:6: executing "x" at <.X>')


def test_a_function_that_breaks_is_an_error_of_its_template() -> None:
    def broken() -> str:
        raise OverflowError("too large")

    templates = TemplateSet({"broken"})
    templates.add("x", "{{ broken }}")
    with pytest.raises(BadInput, match=r"error calling broken: OverflowError: too large"):
        templates.execute("x", None, {"broken": Function((), broken)})
