from __future__ import annotations

import pytest

from appliance.lines.label_name import decoded, nested_name, sanitized, value_text


@pytest.mark.parametrize(
    ("key", "name"),
    [("a-b.c", "a_b_c"), ("1x", "_1x"), (" x ", "x"), ("", ""), (" ", ""), ("ünï", "_n_")],
)
def test_names_of_labels(key: str, name: str) -> None:
    assert sanitized(key) == name


def test_names_within_objects() -> None:
    assert nested_name("a", "b.c") == "a_b_c"
    assert nested_name("a", "1") == "a_1"
    assert nested_name("a", " ") == "a"
    assert nested_name("x" * 300, "y") == "x" * 300 + "_y"


def test_each_byte_that_is_no_utf8_is_replaced() -> None:
    assert decoded(b"a\xe2\x82b\xed\xa0\x80") == "a\ufffd\ufffdb\ufffd\ufffd\ufffd"
    assert value_text(b"a\xffb") == "a b"
