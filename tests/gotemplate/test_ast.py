"""Nodes print as they are written, blanks apart."""

from __future__ import annotations

import pytest

from appliance.gotemplate.ast import text_of
from appliance.gotemplate.parser import parse


@pytest.mark.parametrize(
    "text",
    [
        "{{.A.B}}",
        "{{$x := .A}}",
        '{{f (g 1) "a" | h nil .}}',
        "{{(f .).A.B}}",
        "{{if .A}}a{{else}}b{{end}}",
        "{{range $i, $e := .A}}{{$e.B}}{{break}}{{end}}",
        '{{template "a" .}}',
        '{{template "a"}}',
    ],
)
def test_text_of_nodes(text: str) -> None:
    tree = parse("x", text, {"f", "g", "h"})[0]
    assert "".join(map(text_of, tree.body)) == text
