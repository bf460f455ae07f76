"""Queries of pages are parsed in their language."""

from __future__ import annotations

from appliance.diagnosis.runbook import lint_runbook, queries

PAGE = """\
# Title

```promql
# a comment
up == 0

sum(
  rate(x[5m])
)
```

1. A list

   ```logql
   {a="b"} |= "c"
   ```

```sh
rm -rf {
```

~~~traceql
{ status = error }
~~~
"""


def test_paragraphs_of_fences_are_queries() -> None:
    assert [(fence.language, fence.line) for fence in queries(PAGE)] == [
        ("promql", 4),
        ("promql", 7),
        ("logql", 15),
        ("traceql", 23),
    ]
    assert all(PAGE[fence.start :].startswith(fence.text) for fence in queries(PAGE))
    assert lint_runbook(PAGE, "p.md") == []


def test_broken_queries_are_told_by_language_and_line() -> None:
    page = PAGE.replace("rate(x[5m])", "rate(x)").replace("= error }", "error }")
    problems = lint_runbook(page, "p.md")
    assert [(problem.line, problem.code) for problem in problems] == [
        (7, "promql"),
        (23, "traceql"),
    ]
