"""Fingerprints of many label sets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.model.alert import fingerprint_of
from appliance.model.fingerprint import fingerprints_of
from appliance.model.labels import Labels

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
_LABELS = st.dictionaries(_TEXTS, _TEXTS, max_size=4).map(Labels.of)


@given(st.lists(_LABELS, max_size=40))
def test_they_are_those_of_each(label_sets: list[Labels]) -> None:
    assert fingerprints_of(label_sets) == [fingerprint_of(one) for one in label_sets]


def test_a_long_one_among_many_is_right_and_so_are_the_others() -> None:
    label_sets = [Labels.of({"alertname": "A", "i": str(number)}) for number in range(50)]
    label_sets[7] = Labels.of({"text": "é" * 10_000})
    assert fingerprints_of(label_sets) == [fingerprint_of(one) for one in label_sets]
