"""Sets of templates."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.template import TemplateSet


def test_later_definitions_replace_earlier_ones_unless_blank() -> None:
    found = TemplateSet()
    found.add("a", '{{ define "t" }}1{{ end }}')
    found.add("b", '{{ define "t" }}2{{ end }}{{ template "t" }}')
    assert found.execute("b", None) == "2"
    found.add("c", '{{ define "t" }}{{ end }}{{ template "t" }}')
    assert found.execute("c", None) == "2"
    assert found.names() == ["a", "b", "c", "t"]


def test_a_copy_grows_alone() -> None:
    found = TemplateSet()
    found.add("a", "x")
    copy = found.copy()
    copy.add("b", '{{ template "a" }}')
    assert copy.execute("b", None) == "x"
    with pytest.raises(BadInput, match='no template "b"'):
        found.execute("b", None)
