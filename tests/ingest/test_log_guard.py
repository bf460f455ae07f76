"""The cardinality guard."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.log_guard import CardinalityGuard, GuardLimits, demoted
from tests.ingest.log_door import Appender, batch, door

#: As many write it for nginx; on the combined format it takes the time for the status.
NGINX = re.compile(r"^(?P<remote_addr>\S+) (?P<method>\S+) (?P<path>\S+) (?P<status>\S+) ")


class Rig:
    """A guard, its clock, and streams that come one by one."""

    def __init__(self, **limits: float) -> None:
        self.clock = ManualClock()
        self.telemetry = Telemetry()
        self.guard = CardinalityGuard(
            GuardLimits(**limits),  # type: ignore[arg-type]  # by name
            self.clock,
            self.telemetry,
        )

    def send(
        self, labels: Mapping[str, str], *, source: str = "10.0.0.1", tenant: str = "t"
    ) -> set[str]:
        """Names of the labels that a stream is left with."""
        (stream,) = self.guard.apply(tenant, source, [batch(labels, b"x")])
        return {name for name, _ in stream.labels}

    def demoted(self) -> list[str]:
        return [demotion.label for demotion in self.guard.demotions()]


async def test_the_time_taken_for_the_status_is_demoted(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    for second in range(300):
        minutes, seconds = divmod(second, 60)
        line = f'10.1.2.3 - - [10/Oct/2025:13:{minutes + 5:02}:{seconds:02} +0200] "GET / HTTP/1.1"'
        match = NGINX.match(line)
        assert match
        with caplog.at_level(logging.WARNING):
            rig.send(match.groupdict(), source="nginx job")
        await rig.clock.advance(1)

    (demotion,) = rig.guard.demotions()
    assert (demotion.tenant, demotion.source, demotion.label) == ("t", "nginx job", "status")
    assert demotion.examples[0].startswith("[10/Oct/2025:13:0")
    assert 190 <= demotion.values <= 210
    (record,) = caplog.records
    assert "stream label 'status' from nginx job (tenant t)" in record.getMessage()
    assert "'[10/Oct/2025:13:0" in record.getMessage()
    counter = b'appliance_ingest_label_demotions_total{label="status"} 1.0'
    assert counter in rig.telemetry.expose()
    assert b"appliance_ingest_labels_demoted 1.0" in rig.telemetry.expose()


async def test_other_labels_and_other_sources_keep_theirs() -> None:
    rig = Rig(values=20)
    for second in range(300):
        rig.send({"job": "j", "id": str(second), "code": str(second % 5)})
        await rig.clock.advance(1)

    assert rig.send({"job": "j", "id": "new", "code": "0"}) == {"job", "code"}
    assert rig.send({"job": "j", "id": "1"}, source="10.0.0.2") == {"job", "id"}
    assert rig.send({"job": "j", "id": "1"}, tenant="u") == {"job", "id"}


async def test_many_new_streams_at_once_are_no_explosion() -> None:
    rig = Rig(values=20)
    for _ in range(20):
        for pod in range(500):
            rig.send({"app": "shop", "pod": f"pod-{pod}"})
        await rig.clock.advance(60)

    assert rig.demoted() == []


async def test_new_values_now_and_then_are_no_explosion() -> None:
    rig = Rig(values=20)
    for number in range(600):
        rig.send({"app": "backup", "job": f"run-{number}"})
        await rig.clock.advance(60)

    assert rig.demoted() == []


async def test_too_many_streams_demote_the_widest_label() -> None:
    rig = Rig(streams=100)
    for number in range(150):
        rig.send({"app": "shop", "user": str(number % 40), "path": str(number % 7)})
        rig.send({"app": "shop", "user": str(number), "path": str(number % 7)})

    assert rig.demoted() == ["user"]


async def test_streams_that_have_ended_do_not_count() -> None:
    rig = Rig(streams=100, quiet_seconds=3600, values=10**6)
    for number in range(500):
        rig.send({"app": "shop", "pod": str(number)})
        await rig.clock.advance(60)

    assert rig.demoted() == []


async def test_a_label_comes_back_after_a_quiet_time() -> None:
    rig = Rig(values=20, quiet_seconds=3600)
    for second in range(300):
        rig.send({"app": "shop", "id": str(second)})
        await rig.clock.advance(1)
    assert rig.demoted() == ["id"]

    left = []
    for number in range(130):
        left.append(rig.send({"app": "shop", "id": str(number % 3)}) == {"app", "id"})
        await rig.clock.advance(60)

    assert left == sorted(left)
    assert left[30] is False
    assert left[-1] is True
    assert rig.demoted() == []


async def test_a_label_stays_demoted_while_its_values_explode() -> None:
    rig = Rig(values=20, quiet_seconds=600)
    for second in range(2000):
        rig.send({"app": "shop", "id": str(second)})
        await rig.clock.advance(1)

    assert rig.demoted() == ["id"]


async def test_ever_new_names_of_labels_are_not_remembered() -> None:
    rig = Rig(streams=50)
    for number in range(60):
        rig.send({"wide": str(number)})
    for number in range(5_000):
        rig.send({f"name{number}": "x", "wide": "0"})
    (source,) = rig.guard._sources.values()
    assert len(source.labels) <= 1000
    assert "wide" in rig.demoted()


def test_the_value_of_a_demoted_label_is_metadata() -> None:
    stream = batch({"app": "a", "id": "7"}, b"x", b"y", metadata=[(("id", "own"), ("k", "v")), ()])

    moved = demoted(stream, {"id"})

    assert dict(moved.labels) == {"app": "a"}
    assert [dict(pairs) for pairs in moved.metadata or ()] == [
        {"id": "7", "id_extracted": "own", "k": "v"},
        {"id": "7"},
    ]
    assert [dict(pairs) for pairs in demoted(batch({"id": "7"}, b"x"), {"id"}).metadata or ()] == [
        {"id": "7"}
    ]


async def test_entries_of_a_demoted_label_are_in_one_stream() -> None:
    appender, clock = Appender(), ManualClock()
    entrance = door(appender, clock, guard=GuardLimits(values=10, streams=50))
    for second in range(300):
        stream = batch({"app": "a", "id": str(second)}, b"x", seconds=[second])
        await entrance.accept("t", [stream], source="s")
        await clock.advance(1)
    appender.requests.clear()

    streams = [batch({"app": "a", "id": f"n{n}"}, b"x", seconds=[300 + n]) for n in range(3)]
    await entrance.accept("t", streams, source="s")

    assert len(appender.streams) == 1
    assert appender.stored() == {
        "app=a,service_name=a": [(300 + n, b"x", {"id": f"n{n}"}) for n in range(3)]
    }
