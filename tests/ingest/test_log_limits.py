"""Limits of log entries; the words are Loki's (pkg/validation)."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.ingest.log_limits import EntryCheck, LogLimits, TimeBounds
from appliance.model.accepted import Reject
from appliance.model.labels import Labels
from appliance.model.log import Metadata, PlainLines, StreamBatch
from tests.ingest.log_door import NOW_NS, batch

DAY = 86_400
STREAM = 'stream \'{a="b", service_name="unknown_service"}\''


def check(stream: StreamBatch, **limits: int) -> tuple[list[bytes], list[Reject]]:
    made = LogLimits(**limits)
    bounds = TimeBounds.at(ManualClock().now_ns(), made)
    good, rejects = EntryCheck(made, bounds).apply(stream, 10)
    return list(good.lines), rejects


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (dict.fromkeys("abc", "x"), None),
        ({"service_name": "s"} | dict.fromkeys("abc", "x"), None),
        (
            dict.fromkeys("abcd", "x"),
            'entry for stream \'{a="x", b="x", c="x", d="x"}\' has 4 label names; limit 3',
        ),
        ({"abcde": "x"}, "stream '{abcde=\"x\"}' has label name too long: 'abcde'"),
        ({"a": "üüü"}, "stream '{a=\"üüü\"}' has label value too long: 'üüü'"),
    ],
)
def test_labels(labels: dict[str, str], reason: str | None) -> None:
    limits = LogLimits(labels=3, name_bytes=12 if "service_name" in labels else 4, value_bytes=5)

    assert limits.find_excess(Labels.of(labels)) == reason


def test_a_reason_does_not_repeat_all_of_too_much() -> None:
    many = LogLimits().find_excess(Labels.of((f"l{n:06}", "v") for n in range(100_000)))
    long = LogLimits().find_excess(Labels.of({"a": "x" * 1_000_000}))

    assert many is not None
    assert many.startswith('entry for stream \'{l000000="v", l000001="v", ')
    assert many.endswith(', l000099="v", …}\' has 100000 label names; limit 15')
    assert long is not None
    assert len(long) < 20_000


def test_times() -> None:
    stream = batch(
        {"a": "b"}, *(b"0", b"1", b"2", b"3", b"4"), seconds=[0, -7 * DAY, 600, -7 * DAY - 1, 601]
    )

    lines, rejects = check(stream)

    assert lines == [b"0", b"1", b"2"]
    assert rejects == [
        Reject(
            13,
            f"entry for {STREAM} has timestamp too old: 2023-11-07T22:13:19Z, oldest"
            " acceptable timestamp is: 2023-11-07T22:13:20Z",
        ),
        Reject(
            13,
            f"entry for {STREAM} has timestamp too new: 2023-11-14T22:23:21Z",
        ),
    ]


def test_any_age_may_be_allowed() -> None:
    lines, rejects = check(batch({"a": "b"}, b"x", seconds=[-NOW_NS // 10**9]), max_age_ms=0)

    assert (lines, rejects) == ([b"x"], [])


def test_lines_of_equal_length_are_one_reason() -> None:
    stream = batch({"a": "b"}, b"1234", b"12345", b"123", b"\xc3\xbc\xc3\xbc", b"12345")

    lines, rejects = check(stream, line_bytes=4)

    assert lines == [b"1234", b"123", b"\xc3\xbc\xc3\xbc"]
    assert rejects == [
        Reject(
            11,
            f"max entry size '4' bytes exceeded for {STREAM}"
            " while adding an entry with length '5' bytes",
            2,
        )
    ]


def test_metadata() -> None:
    large: Metadata = (("k", "v" * 10),)
    many: Metadata = (("a", ""), ("b", ""), ("c", ""))
    stream = batch(
        {"a": "b"}, *(b"1", b"2", b"3", b"4"), metadata=[large, (), many, (("k", "v" * 9),)]
    )

    lines, rejects = check(stream, metadata_bytes=10, metadata_count=2)

    assert lines == [b"2", b"4"]
    assert [(reject.reason.partition(". ")[0], reject.count) for reject in rejects] == [
        (
            f"{STREAM} has structured metadata too large: '11' bytes, limit: '10' bytes",
            1,
        ),
        (
            f"{STREAM} has too many structured metadata labels: '3', limit: '2'",
            1,
        ),
    ]


def test_what_is_within_the_limits_is_not_copied() -> None:
    given = batch({"a": "b"}, b"x" * 9, b"y" * 9)
    stream = StreamBatch(given.labels, given.timestamps_ns, PlainLines.of(given.lines))
    limits = LogLimits(line_bytes=10)

    good, _ = EntryCheck(limits, TimeBounds.at(NOW_NS, limits)).apply(stream, 0)

    assert good is stream
