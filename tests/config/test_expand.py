"""Variables in configuration values."""

from __future__ import annotations

import pytest

from appliance.config.expand import UnsetVariable, expand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "x"),
        ("<${A}-${A}>", "<x-x>"),
        ("${B:-y}", "y"),
        ("${EMPTY:-y}", "y"),
        ("${EMPTY}", ""),
        ("${B:-}", ""),
        ("${B:-http://h:1/p?q=$1}", "http://h:1/p?q=$1"),
        ("$${A}", "${A}"),
        ("$$", "$$"),
        ("$A $1 ${1} ${} ${{A}} ${A-b}", "$A $1 ${1} ${} ${{A}} ${A-b}"),
        ("{{ $labels.x }} {{ .Value }}", "{{ $labels.x }} {{ .Value }}"),
        ('{{ reReplaceAll "(?P<x>a)" "${x}" }} ${A}', '{{ reReplaceAll "(?P<x>a)" "${x}" }} x'),
        ("{{ unclosed ${A}", "{{ unclosed x"),
        ("${NESTED}", "${A}"),
    ],
)
def test_only_named_references_are_expanded(text: str, expected: str) -> None:
    assert expand(text, {"A": "x", "EMPTY": "", "NESTED": "${A}"}) == expected


def test_an_unset_variable_is_named() -> None:
    with pytest.raises(UnsetVariable, match="the variable NOPE is not set") as caught:
        expand("a ${NOPE}", {})
    assert caught.value.name == "NOPE"
