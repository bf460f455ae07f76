"""Findings as text and JSON."""

from __future__ import annotations

from appliance.config.problem import Problem, Severity, has_errors


def test_a_finding_renders_as_one_line_and_a_help_line() -> None:
    problem = Problem("a.yml", 3, 5, "x.y", "wrong", "bad-value", hint="do this")
    assert problem.render() == "a.yml:3:5: error[bad-value]: x.y: wrong\n  help: do this"
    assert (
        Problem("a.yml", 0, 0, "", "gone", "unreadable").render()
        == "a.yml: error[unreadable]: gone"
    )


def test_json_has_every_key() -> None:
    problem = Problem("a.yml", 3, 5, "x", "m", "c", Severity.WARNING)
    assert problem.as_json() == {
        "file": "a.yml",
        "line": 3,
        "column": 5,
        "path": "x",
        "severity": "warning",
        "code": "c",
        "message": "m",
        "hint": "",
    }


def test_warnings_are_not_errors() -> None:
    warning = Problem("a", 1, 1, "", "m", "c", Severity.WARNING)
    assert not has_errors([warning])
    assert has_errors([warning, Problem("a", 1, 1, "", "m", "c")])
