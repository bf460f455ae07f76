"""JSON texts as Go reads them."""

from __future__ import annotations

import json

import pytest

from appliance.wire.json_text import without_halves


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud83d\ude00 \u00e4"', "😀 ä"),
        (r'"a\ud800b"', "a\ufffdb"),
        (r'"\uDC80"', "\ufffd"),
        (r'"\ud800\ud83d\ude00"', "\ufffd😀"),
        (r'"\\ud800"', r"\ud800"),
        (r'"\\\ud800"', "\\\ufffd"),
        (r'"plain"', "plain"),
    ],
)
def test_halves_of_pairs_are_the_replacement_character(text: str, value: str) -> None:
    assert json.loads(without_halves(text)) == value
