"""Where extracted values go."""

from __future__ import annotations

from tests.ingest.tail.stages.piping import one

_VALUES = "- json: {expressions: {s: , n: , nil: , o: }}\n"
LINE = '{"s":"x","n":1.5,"nil":null,"o":{"a":true}}'


def test_labels() -> None:
    entry = one(f"{_VALUES}- labels: {{s: , num: n, nil: , o: , none: }}", LINE, job="j")
    assert entry.labels == {"job": "j", "s": "x", "num": "1.5", "o": '{"a":true}'}


def test_labels_are_dropped_or_allowed() -> None:
    assert one("- labeldrop: [a, z]", "", a="1", b="2").labels == {"b": "2"}
    assert one("- labelallow: [a, z]", "", a="1", b="2").labels == {"a": "1"}


def test_static_labels() -> None:
    assert one("- static_labels: {a: 1, b: , c: ''}", "", a="0").labels == {"a": "1"}


def test_structured_metadata_takes_values_and_labels() -> None:
    entry = one(f"{_VALUES}- structured_metadata: {{s: , file: filename, n: }}", LINE, filename="f")
    assert entry.metadata == {"s": "x", "file": "f", "n": "1.5"}
    assert entry.labels == {}


def test_structured_metadata_is_dropped() -> None:
    config = f"{_VALUES}- non_indexed_labels: {{s: , n: }}\n- structured_metadata_drop: [s, z]"
    assert one(config, LINE).metadata == {"n": "1.5"}


def test_tenants() -> None:
    assert one("- tenant: {value: t}", "").tenant == "t"
    assert one("- tenant: {source: job}", "", job="j").tenant == "j"
    assert one("- tenant: {label: job}", "", job="j").tenant == "j"
    assert one("- tenant: {value: t}\n- tenant: {source: none}", "").tenant == "t"


def test_output() -> None:
    assert one(f"{_VALUES}- output: {{source: n}}", LINE).line == "1.5"
    assert one(f"{_VALUES}- output: {{source: nil}}", LINE).line == LINE
    assert one(f"{_VALUES}- output: {{source: none}}", LINE).line == LINE
