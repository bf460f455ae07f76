"""LogQL laid out over lines."""

from __future__ import annotations

import pytest

from appliance.logql.parser import parse
from appliance.logql.prettier import pretty

SELECTOR = '{app="immoflowme", environment="production"}'
RATE = f"sum(rate({SELECTOR}[5m]))"


def test_what_fits_stays_on_one_line() -> None:
    assert pretty(parse('{app="x"}|json|a="b"')) == '{app="x"} | json | a="b"'
    assert pretty(parse("sum(rate({app=`x`}[5m]))by(a)")) == 'sum by (a)(rate({app="x"}[5m]))'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            SELECTOR + ' |= "error" != "timeout" | decolorize | json | level="error"'
            ' | line_format "{{.message}}"',
            SELECTOR
            + """
  |= "error" != "timeout"
| decolorize
  | json
  | level="error"
  | line_format "{{.message}}\"""",
        ),
        (
            (
                f"topk by (pod, env) (5, sum by (pod) (rate({SELECTOR} | json | latency > 500ms"
                " | unwrap bytes(size) | size > 1 [5m] offset 1h)))"
            ),
            f"""topk by (pod, env)(
  5,
  sum by (pod)(
    rate(
      {SELECTOR} | json | latency>500ms
        | unwrap bytes(size)
        | size>1 [5m] offset 1h
    )
  )
)""",
        ),
        (
            f"{RATE} / on (pod, env) group_left (a, b) {RATE}",
            f"""  {RATE}
/ on (pod, env) group_left (a, b)
  {RATE}""",
        ),
        (
            f'label_replace(sum by (pod) (rate({SELECTOR}[5m])), "destination", "$1", "pod", ".*")',
            f"""label_replace(
  sum by (pod)(rate({SELECTOR}[5m])),
  "destination",
  "$1",
  "pod",
  ".*"
)""",
        ),
        (
            'variants(rate({a="b"}[5m]), vector(1)) of ({a="b"}[5m])',
            """variants(
  rate({a="b"}[5m]),
  vector(1.000000)
) of (
  {a="b"} [5m]
)""",
        ),
    ],
)
def test_what_is_longer_has_lines(text: str, expected: str) -> None:
    found = pretty(parse(text))
    assert found.splitlines() == expected.splitlines()
    assert parse(found) == parse(text)
