"""The door for log entries."""

from __future__ import annotations

import threading

from appliance.base.errors import LimitExceeded
from appliance.ingest.log_limits import LogLimits
from tests.ingest.log_door import LEVEL, Appender, batch, door


async def test_entries_over_a_limit_are_refused_and_the_others_kept() -> None:
    appender = Appender()
    streams = [batch({"app": "a"}, b"short", b"x" * 11, b"fine"), batch({"app": "b"}, b"y" * 12)]

    accepted = await door(appender, limits=LogLimits(line_bytes=10)).accept("t", streams)

    assert (accepted.count, accepted.rejected_count) == (2, 2)
    assert [reject.index for reject in accepted.rejected] == [1, 3]
    assert appender.stored() == {"app=a,service_name=a": [(0, b"short", {}), (2, b"fine", {})]}


async def test_metadata_stays_with_its_line_when_others_are_refused() -> None:
    appender = Appender()
    stream = batch({"app": "a"}, b"x" * 11, b"fine", metadata=[(), (("k", "v"),)])

    await door(appender, limits=LogLimits(line_bytes=10)).accept("t", [stream])

    assert appender.stored() == {"app=a,service_name=a": [(1, b"fine", {"k": "v"})]}


async def test_a_stream_with_too_many_labels_is_refused_alone() -> None:
    appender = Appender()
    streams = [batch(dict.fromkeys("abcd", "1"), b"1", b"2"), batch({"a": "1"}, b"3")]

    accepted = await door(appender, limits=LogLimits(labels=3)).accept("t", streams)

    assert (accepted.count, accepted.rejected_count) == (1, 2)
    assert accepted.rejected[0].count == 1
    assert accepted.describe() == (
        'entry for stream \'{a="1", b="1", c="1", d="1", service_name="unknown_service"}\''
        " has 4 label names; limit 3"
    )


async def test_every_entry_has_a_level() -> None:
    appender = Appender()
    streams = [
        batch({"app": "a"}, b'{"level":"warn"}', b"nothing", b"level=error"),
        batch({"app": "b", "level": "Debug"}, b"x"),
        batch(
            {"app": "c"},
            *(b"x", b"y", b"[error] z", b"z"),
            metadata=[
                (("severity_number", "17"),),
                (("level", "INFORMATION"),),
                (("k", "v"),),
                (("detected_level", "WARNING"),),
            ],
        ),
    ]

    await door(appender).accept("t", streams)

    levels = [
        [dict(pairs)[LEVEL] for pairs in stream.metadata or ()] for stream in appender.streams
    ]
    assert levels == [["warn", "unknown", "error"], ["debug"], ["error", "info", "error", "warn"]]
    assert next(iter(appender.streams[2].metadata or ())) == (
        (LEVEL, "error"),
        ("severity_number", "17"),
    )


async def test_names_of_metadata_are_made_label_names() -> None:
    appender = Appender()
    pairs = (("1st", "a"), ("trace-id", "b\ufffd"), ("fine", "c"))

    await door(appender).accept("t", [batch({"app": "a"}, b"x", b"y", metadata=[pairs, ()])])

    first, second = appender.stored()["app=a,service_name=a"]
    assert first[2] == {"key_1st": "a", "trace_id": "b", "fine": "c"}
    assert second[2] == {}


async def test_names_of_metadata_that_had_to_be_changed_hold() -> None:
    appender = Appender()
    pairs = (("a.b", "dot"), ("a_b", "line"), ("c__d", "two"))

    await door(appender).accept("t", [batch({"app": "a"}, b"x", metadata=[pairs])])

    assert appender.stored()["app=a,service_name=a"][0][2] == {"a_b": "dot", "c_d": "two"}


async def test_several_tenants_and_marks_go_together() -> None:
    appender = Appender()
    requests = [("t", [batch({"app": "a"}, b"x")]), ("u", [batch({"app": "b"}, b"y")])]

    accepted = await door(appender).accept_many(requests, {"file": "7"})

    assert accepted.count == 2
    assert [tenant for tenant, _ in appender.requests] == ["t", "u"]
    assert appender.marks == {"file": "7"}


async def test_marks_are_kept_when_nothing_of_what_was_read_can_be() -> None:
    appender = Appender()
    requests = [("t", [batch({"app": "a"}, b"too long")])]

    accepted = await door(appender, limits=LogLimits(line_bytes=3)).accept_many(
        requests, {"f": "1"}
    )

    assert (accepted.count, accepted.rejected_count, appender.marks) == (0, 1, {"f": "1"})


async def test_nothing_is_refused_when_a_tenant_has_no_room_for_more_streams() -> None:
    full = LimitExceeded("full", limit="limits.streams_per_tenant", retryable=True)
    appender = Appender(errors=[full])
    streams = [
        batch({"app": "a", "pod": str(n)}, b"x", seconds=[n], metadata=[(("k", "v"),)])
        for n in range(2)
    ]

    accepted = await door(appender).accept("t", streams)

    assert accepted.count == 2
    assert appender.stored() == {
        "service_name=a": [(n, b"x", {"app": "a", "pod": str(n), "k": "v"}) for n in range(2)]
    }


async def test_large_requests_do_not_hold_the_event_loop() -> None:
    appender = Appender()
    lines, streams = batch({"app": "a"}, *[b"x"] * 5000), [batch({"app": "a"}, b"x")] * 460
    for request in ([batch({"app": "a"}, b"x")], [lines], streams):
        await door(appender, limits=LogLimits(ahead_ms=10**9)).accept("t", request)
    here = threading.current_thread()
    assert [thread is here for thread in appender.threads] == [True, False, False]
