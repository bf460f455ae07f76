"""Packed lines, and lines without colours."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from tests.ingest.tail.stages.piping import one, piped


def test_labels_and_values_are_packed() -> None:
    config = """
        - json: {expressions: {n: , o: }}
        - pack: {labels: [job, n, none], ingest_timestamp: false}
    """
    entry = one(config, '{"n":1,"o":"<"}', job="j", app="a")
    assert entry.line == '{"job":"j","n":"1","_entry":"{\\"n\\":1,\\"o\\":\\"\\u003c\\"}"}'
    assert (entry.labels, entry.time_ns) == ({"app": "a"}, 0)


def test_packed_entries_get_the_time_of_packing() -> None:
    (entry,) = piped("- pack: {labels: [a]}", "x", clock=ManualClock(5))
    assert (entry.line, entry.time_ns) == ('{"_entry":"x"}', 5_000_000)


def test_colours_are_removed() -> None:
    assert one("- decolorize:", "\x1b[31mred\x1b[0m \x1b]0;title\x07plain").line == "red plain"
    assert one("- decolorize: {}", "no [31m colours").line == "no [31m colours"
