"""JUnit XML."""

from __future__ import annotations

from appliance.rules.unit_test.junit import render_junit
from appliance.rules.unit_test.run import CaseResult, FileResult


def test_document() -> None:
    results = {
        "a.yml": FileResult([CaseResult("good", []), CaseResult("bad", ["x < y"])]),
        "b.yml": FileResult(aborted=["no"]),
    }
    assert render_junit(results, "2026-01-31T12:00:00") == (
        '<testsuites><testsuite name="a.yml" tests="2" failures="1" errors="0" skipped="0"'
        ' timestamp="2026-01-31T12:00:00"><testcase name="good"></testcase><testcase name="bad">'
        "<failure>x &lt; y</failure></testcase></testsuite>"
        '<testsuite name="b.yml" tests="1" failures="0" errors="1" skipped="0"'
        ' timestamp="2026-01-31T12:00:00"><testcase name="unknown"><error>no</error></testcase>'
        "</testsuite></testsuites>"
    )
