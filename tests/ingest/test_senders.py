from __future__ import annotations

from appliance.ingest.senders import MOST_REASONS, MOST_SERVICES, SenderKey, Senders
from appliance.model.accepted import Origin

KEY = SenderKey("logs", "loki", "anonymous", "10.0.0.1", "promtail/3.0")


def test_requests_of_a_sender_add_up() -> None:
    senders = Senders()
    senders.note(KEY, 1_000, items=3, size_bytes=100, origins=[Origin("shop", "sdk 1")])
    senders.note(KEY, 2_000, items=2, size_bytes=50, origins=[Origin("shop", "sdk 1")])
    (row,) = senders.rows()
    assert (row.key.service, row.key.sdk) == ("shop", "sdk 1")
    assert (row.first_ms, row.last_ms, row.requests) == (1_000, 2_000, 2)
    assert (row.items, row.size_bytes, row.failures) == (5, 150, 0)


def test_services_and_refusals_tell_senders_apart() -> None:
    senders = Senders()
    senders.note(KEY, 1, items=1, origins=[Origin("shop")])
    senders.note(KEY, 2, items=1, origins=[Origin("billing")])
    senders.note(KEY, 3, failed=True, reasons=[("missing or wrong token", 1)])
    rows = senders.rows()
    assert [row.key.service for row in rows] == ["", "billing", "shop"]
    assert rows[0].failures == 1
    assert rows[0].reasons["missing or wrong token"].count == 1


def test_a_sender_of_many_services_is_one_row() -> None:
    senders = Senders()
    for first in range(0, 60, 2):
        origins = [Origin(f"service-{first}"), Origin(f"service-{first + 1}")]
        senders.note(KEY, first, items=2, origins=origins)
    (row,) = senders.rows()
    assert row.items == 60
    assert row.key.service == ""
    assert list(row.services)[:2] == ["service-0", "service-1"]
    assert len(row.services) == MOST_SERVICES


def test_the_quietest_sender_gives_way() -> None:
    senders = Senders(limit=2)
    for at, agent in enumerate(["a", "b", "a", "c"]):
        senders.note(KEY._replace(agent=agent), at, items=1)
    assert [row.key.agent for row in senders.rows()] == ["c", "a"]
    assert senders.forgotten == 1


def test_reasons_are_bounded_and_the_latest_stay() -> None:
    senders = Senders()
    for number in range(20):
        senders.note(KEY, number, rejected=1, reasons=[(f"reason {number}", 1)])
    senders.note(KEY, 99, rejected=2, reasons=[("reason 15", 2)])
    (row,) = senders.rows()
    assert len(row.reasons) == MOST_REASONS
    assert list(row.reasons)[-1] == "reason 15"
    assert (row.reasons["reason 15"].count, row.reasons["reason 15"].last_ms) == (3, 99)
    assert row.rejected == 22
