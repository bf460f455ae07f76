from __future__ import annotations

import pytest

from appliance.ingest.senders import SenderKey, Senders
from appliance.model.accepted import Origin
from appliance.ui.system.ingest import MOST, QUIET_MS, SenderFilter, ingest_page

NOW_MS = 10_000_000


@pytest.fixture
def senders() -> Senders:
    found = Senders()
    shop = SenderKey("traces", "otlp_http", "anonymous", "10.0.0.1", "OTel-OTLP-Exporter-Python/1")
    found.note(shop, NOW_MS - QUIET_MS - 1, items=5, origins=[Origin("shop", "opentelemetry 1")])
    tail = SenderKey("logs", "loki", "anonymous", "10.0.0.2", "promtail/3")
    found.note(tail, NOW_MS - 2_000, items=9, size_bytes=700, origins=[Origin("a"), Origin("b")])
    bad = SenderKey("metrics", "remote_write_v1", "acme", "10.0.0.3", "Prometheus/2")
    found.note(bad, NOW_MS - 1_000, failed=True, reasons=[("missing or wrong token", 1)])
    return found


def test_senders_have_state_and_totals(senders: Senders) -> None:
    found = ingest_page(senders, SenderFilter(), NOW_MS)
    assert [row.state for row in found.rows] == ["refused", "sending", "quiet"]
    assert [row.name for row in found.rows] == ["", "a, b", "shop"]
    assert found.rows[0].reasons[0].text == "missing or wrong token"
    assert found.rows[0].protocol == "Remote write 1"
    assert found.rows[2].sdk == "opentelemetry 1"
    totals = {total.signal: (total.senders, total.items, total.failures) for total in found.totals}
    assert totals == {"metrics": (1, 0, 1), "logs": (1, 9, 0), "traces": (1, 5, 0)}
    assert found.has_tenants


@pytest.mark.parametrize(
    ("wanted", "agents"),
    [
        (SenderFilter(signal="logs"), ["promtail/3"]),
        (SenderFilter(refused=True), ["Prometheus/2"]),
        (SenderFilter(text="WRONG TOKEN"), ["Prometheus/2"]),
        (
            SenderFilter(text="b"),
            ["Prometheus/2", "promtail/3", "OTel-OTLP-Exporter-Python/1"][1:2],
        ),
        (SenderFilter(text="10.0.0.1"), ["OTel-OTLP-Exporter-Python/1"]),
    ],
)
def test_the_filter_takes_signal_refusals_and_text(
    senders: Senders, wanted: SenderFilter, agents: list[str]
) -> None:
    found = ingest_page(senders, wanted, NOW_MS)
    assert [row.agent for row in found.rows] == agents
    assert found.total == 3


def test_refusals_that_are_over_no_longer_alarm(senders: Senders) -> None:
    bad = SenderKey("metrics", "remote_write_v1", "acme", "10.0.0.3", "Prometheus/2")
    senders.note(bad, NOW_MS, items=1)
    row = ingest_page(senders, SenderFilter(), NOW_MS).rows[0]
    assert (row.state, row.failures, len(row.reasons)) == ("sending", 1, 1)


def test_the_page_is_bounded() -> None:
    senders = Senders()
    for number in range(MOST + 10):
        senders.note(SenderKey("logs", "loki", "t", str(number), "x"), NOW_MS, items=1)
    found = ingest_page(senders, SenderFilter(), NOW_MS)
    assert (len(found.rows), found.matching) == (MOST, MOST + 10)
