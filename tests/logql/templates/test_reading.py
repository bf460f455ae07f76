"""What templates read."""

from __future__ import annotations

import pytest

from appliance.logql.templates.reading import Reads
from appliance.logql.templates.template import LogTemplate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text", Reads()),
        ("{{.a}} {{ .b | upper }}", Reads(frozenset("ab"))),
        ("{{ if .a }}{{ .b }}{{ else }}{{ printf .c (.d) }}{{ end }}", Reads(frozenset("abcd"))),
        ("{{ with .a }}{{ .x }}{{ . }}{{ else }}{{ .b }}{{ end }}", Reads(frozenset("ab"))),
        ("{{ range fromJson .a }}{{ .x }}{{ $.b }}{{ end }}", Reads(frozenset("ab"))),
        ("{{ $x := .a }}{{ $x }}", Reads(frozenset("a"))),
        ("{{ . }}", Reads(is_all=True)),
        ('{{ index $ "a" }}', Reads(is_all=True)),
        ("{{ (fromJson .a).b }}", Reads(frozenset("a"))),
        ("{{ __line__ }}", Reads(line=True)),
        ("{{ __timestamp__ | unixEpoch }}{{ .a }}", Reads(frozenset("a"), time=True)),
    ],
)
def test_reads(text: str, expected: Reads) -> None:
    assert LogTemplate("line", text).reads == expected
