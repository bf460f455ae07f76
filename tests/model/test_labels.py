"""Labels: order, identity, compact keys."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.model.labels import Labels

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


def test_labels_are_sorted_and_empty_values_are_absent() -> None:
    labels = Labels.of({"b": "2", "a": "1", "c": ""})
    assert labels == Labels((("a", "1"), ("b", "2")))
    assert labels.get("c") == ""
    assert labels.extended({"a": "", "z": "9"}) == Labels.of({"b": "2", "z": "9"})
    assert labels.without("a") == Labels.of({"b": "2"})


@given(st.dictionaries(TEXT, TEXT))
def test_key_gives_the_labels_back(mapping: dict[str, str]) -> None:
    labels = Labels.of(mapping)
    assert Labels.decode(labels.encode()) == labels


@given(st.dictionaries(TEXT, TEXT), st.dictionaries(TEXT, TEXT))
def test_different_labels_have_different_keys(one: dict[str, str], two: dict[str, str]) -> None:
    first, second = Labels.of(one), Labels.of(two)
    assert (first.encode() == second.encode()) == (first == second)


@given(st.lists(st.dictionaries(TEXT, TEXT), max_size=6))
def test_sort_key_sorts_as_labels_do(mappings: list[dict[str, str]]) -> None:
    found = [Labels.of(mapping) for mapping in mappings]
    assume(not any("\0" in text for labels in found for pair in labels for text in pair))
    assert sorted(found, key=lambda labels: labels.sort_key) == sorted(found)
