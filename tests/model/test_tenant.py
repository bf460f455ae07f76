"""Names of tenants."""

from __future__ import annotations

import pytest

from appliance.model.tenant import is_tenant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("team-a", True),
        ("A.b_c!*'()", True),
        ("x" * 150, True),
        ("x" * 151, False),
        ("", False),
        ("..", False),
        ("a/b", False),
        ("a\r\nb", False),
        ("a\n", False),
    ],
)
def test_which_texts_name_a_tenant(text: str, *, expected: bool) -> None:
    assert is_tenant(text) is expected
