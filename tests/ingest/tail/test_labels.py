"""Labels of entries with facts of their own."""

from __future__ import annotations

from appliance.config.load import load_text
from appliance.ingest.tail.labels import EntryLabels
from appliance.relabel import RelabelConfig


def steps(text: str) -> tuple[RelabelConfig, ...]:
    value = load_text(tuple[RelabelConfig, ...], text, file="x.yml").value
    assert value is not None
    return value


def test_facts_are_relabelled_and_hidden_ones_dropped() -> None:
    labels = EntryLabels(steps("- {source_labels: [__a], target_label: a}"), {"job": "j"})
    assert labels.of({"__a": "x", "__b": "y", "c": "z"}) == {"a": "x", "c": "z", "job": "j"}


def test_own_labels_count_more_than_facts() -> None:
    assert EntryLabels((), {"job": "own"}).of({"job": "fact"}) == {"job": "own"}


def test_dropped_entries_have_none() -> None:
    labels = EntryLabels(steps("- {source_labels: [a], regex: x, action: drop}"), {})
    assert labels.of({"a": "x"}) is None
    assert labels.of({"a": "y"}) == {"a": "y"}


def test_which_facts_make_a_difference() -> None:
    labels = EntryLabels(steps("- {source_labels: [__a], target_label: a}"), {})
    assert labels.uses("__a")
    assert not labels.uses("__b")
    assert EntryLabels(steps("- {regex: __(.+), action: labelmap}"), {}).uses("__b")
