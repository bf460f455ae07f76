"""Rendered text that reads as a structure."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.template.inline_yaml import structure_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("5", 5),
        ("1.5", 1.5),
        ("true", True),
        ("plain text", "plain text"),
        ("{{ .x }}", "{{ .x }}"),
        ('[{"a": "{{ .b }}"}, null]', [{"a": "{{ .b }}"}, None]),
        ("a: b", {"a": "b"}),
        ("{1: a, b: 2024-01-02}", {"b": "2024-01-02"}),
        ("2024-01-02", "2024-01-02"),
        ("# only a comment", "# only a comment"),
        ("[unclosed", "[unclosed"),
        ("a: &x [1]\nb: *x", "a: &x [1]\nb: *x"),
        ('["R&D", "a*b"]', ["R&D", "a*b"]),
        ("!!python/object/apply:os.system [x]", "!!python/object/apply:os.system [x]"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_structures(text: str, expected: Any) -> None:
    assert structure_of(text) == expected
