from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.lines.path_expression import parse_json_path, parse_logfmt_key


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b_1", ("a", "b_1")),
        ('a["b c"][0].d', ("a", "b c", 0, "d")),
        ("[2]", (2,)),
        (' a [ "x" ] ', ("a", "x")),
        ('["a.b"]', ("a.b",)),
    ],
)
def test_paths(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_json_path(text) == path


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("b[", "syntax error: unexpected $end, expecting STRING or INDEX"),
        (".", "syntax error: unexpected DOT, expecting LSB or FIELD"),
        ("", "syntax error: unexpected $end, expecting LSB or FIELD"),
        ("a.", "syntax error: unexpected $end, expecting FIELD"),
        ('a["b"', "syntax error: unexpected $end, expecting RSB"),
        ("a b", "syntax error: unexpected FIELD"),
        ("a-b", "unexpected char -"),
        ("a[1.5]", "cannot use float as array index"),
        ("a[1x]", "non-integer value: x"),
    ],
)
def test_broken_paths(text: str, error: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_json_path(text)
    assert raised.value.message == f"cannot parse expression [{text}]: {error}"


def test_keys() -> None:
    assert parse_logfmt_key("caller") == "caller"
    assert parse_logfmt_key('"caller"') == "caller"
    assert parse_logfmt_key("two keys") == ""
    with pytest.raises(BadInput, match=r"cannot parse expression \[K-d\]: unexpected char -"):
        parse_logfmt_key("K-d")
    with pytest.raises(BadInput, match=r"unexpected \$end, expecting STRING or FIELD"):
        parse_logfmt_key("")
