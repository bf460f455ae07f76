"""Which addresses a section of `alerting.alertmanagers` means, and which of them are ours."""

from __future__ import annotations

import pytest

from appliance.ingest.discovery.static import TargetGroup
from appliance.ingest.scrape.remote_config import AlertmanagerTarget
from appliance.relabel import Action, RelabelConfig
from appliance.rules.alertmanagers import is_own, resolve


def test_addresses_are_made_of_scheme_target_and_prefix() -> None:
    section = AlertmanagerTarget(scheme="https", path_prefix="am/")
    groups = [TargetGroup("0", [{"__address__": "a:9093"}, {"__address__": "b:1"}], {})]
    assert resolve(section, groups).urls == (
        "https://a:9093/am/api/v2/alerts",
        "https://b:1/am/api/v2/alerts",
    )
    plain = resolve(AlertmanagerTarget(), [*groups, *groups])
    assert plain.urls == ("http://a:9093/api/v2/alerts", "http://b:1/api/v2/alerts")


def test_relabelling_chooses_and_changes() -> None:
    steps = (
        RelabelConfig(source_labels=("role",), regex="old", action=Action.DROP),  # type: ignore[arg-type]
        RelabelConfig(target_label="__alerts_path__", replacement="/x"),
        RelabelConfig(target_label="__scheme__", replacement="https"),
    )
    groups = [
        TargetGroup("0", [{"__address__": "a:1"}], {"role": "old"}),
        TargetGroup("1", [{"__address__": "b:1", "role": "new"}], {"role": "old"}),
    ]
    found = resolve(AlertmanagerTarget(relabel_configs=steps), groups)
    assert found.urls == ("https://b:1/x",)
    assert found.dropped == ("http://a:1/api/v2/alerts",)


@pytest.mark.parametrize(
    ("address", "own_port", "expected"),
    [
        ("alertmanager:9093", 9093, True),
        ("alertmanager:9093", 19093, True),
        ("alertmanager.monitoring.svc:9093", 9093, True),
        ("appliance:9093", 9093, True),
        ("localhost:9093", 9093, True),
        ("127.0.0.1:19093", 19093, True),
        ("[::1]:9093", 9093, True),
        ("localhost:9093", 19093, False),  # somebody else has the usual port
        ("alertmanager-2:9093", 9093, False),
        ("alertmanager:9999", 9093, False),
        ("example.org:9093", 9093, False),
        ("alertmanager:9093", None, False),
        ("alertmanager:port", 9093, False),
    ],
)
def test_own_addresses(address: str, own_port: int | None, expected: bool) -> None:  # noqa: FBT001
    assert is_own(f"http://{address}/api/v2/alerts", own_port) is expected
