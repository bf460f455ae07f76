"""The settings in the shape of Loki's configuration."""

from __future__ import annotations

from dataclasses import replace

import yaml

from appliance.config.scalars import Duration
from appliance.loki_config import loki_yaml, tenant_limits
from appliance.settings.retention import Ages, StreamAge, StreamSelector, Tenant
from appliance.settings.root import Settings


def test_what_there_is_a_setting_for_is_shown() -> None:
    settings = Settings()
    query = replace(settings.limits.query, max_log_series=7)
    settings = replace(settings, limits=replace(settings.limits, query=query))

    found = yaml.safe_load(loki_yaml(settings, "/somewhere"))

    assert found["server"]["http_listen_port"] == 3100
    assert found["common"]["path_prefix"] == "/somewhere"
    assert found["limits_config"]["max_query_series"] == 7
    assert found["limits_config"]["max_label_names_per_series"] == 15
    assert found["limits_config"]["reject_old_samples_max_age"] == "1w"


def test_limits_of_tenants_tell_how_long_their_lines_are_kept() -> None:
    debug = StreamSelector.from_text('{level="debug"}')
    rules = (
        StreamAge(selector=debug, max_age=Duration(3_600_000), tenant="shop"),
        StreamAge(selector=debug, max_age=Duration(7_200_000)),
    )
    settings = Settings()
    settings = replace(
        settings,
        retention=replace(settings.retention, streams=rules),
        tenants={"shop": Tenant(retention=Ages(logs=Duration(86_400_000)))},
    )

    shop, other = tenant_limits(settings, "shop"), tenant_limits(settings, "other")

    assert (shop["retention_period"], other["retention_period"]) == ("1d", "90d")
    assert [(rule["period"], rule["priority"]) for rule in shop["retention_stream"]] == [
        ("1h", 2),
        ("2h", 1),
    ]
    assert other["retention_stream"] == [
        {"period": "2h", "priority": 1, "selector": '{level="debug"}'}
    ]
    assert "retention_stream" not in tenant_limits(Settings(), "shop")
