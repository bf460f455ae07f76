"""LogQL as text."""

from __future__ import annotations

from appliance.logql.parser import parse
from appliance.logql.printer import print_query


def test_canonical_text() -> None:
    text = print_query(parse('{app="x",b=~`y`}|="a\\""!=`\\d`'))
    assert text == '{app="x", b=~"y"} |= "a\\"" != "\\\\d"'
    assert print_query(parse(text)) == text
