"""PromQL as text."""

from __future__ import annotations

import pytest

from appliance.promql.parser import parse
from appliance.promql.printer import print_expr


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("up  {a = 'b' , c=~`d\\d`}", 'up{a="b",c=~"d\\\\d"}'),
        ('{"up"}', "up"),
        ('{"a.b",\'c.d\'="e"}', '{"a.b","c.d"="e"}'),
        ('{__name__="up"}', '{__name__="up"}'),
        ("up[90s] offset -3600", "up[1m30s] offset -1h"),
        ("(1.0)", "(1)"),
        ("-inf", "-Inf"),
        ("'a\"'", '"a\\""'),
        ('{"inf"}', '{"inf"}'),
    ],
)
def test_canonical_text(text: str, printed: str) -> None:
    assert print_expr(parse(text)) == printed
    assert parse(printed) == parse(text)
