"""Types of expressions."""

from __future__ import annotations

import pytest

from appliance.promql.parser import parse
from appliance.promql.types import type_of, value_type


@pytest.mark.parametrize(
    ("text", "name", "short"),
    [
        ("1 + 2", "scalar", "scalar"),
        ("-(time())", "scalar", "scalar"),
        ("a + 1", "instant vector", "vector"),
        ("-a", "instant vector", "vector"),
        ("sum(a)", "instant vector", "vector"),
        ("rate(a[5m])", "instant vector", "vector"),
        ("a[5m]", "range vector", "matrix"),
        ("a[5m:]", "range vector", "matrix"),
        ("'a'", "string", "string"),
    ],
)
def test_types(text: str, name: str, short: str) -> None:
    assert (type_of(parse(text)), value_type(parse(text))) == (name, short)
