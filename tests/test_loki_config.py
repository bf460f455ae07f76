"""The settings in the shape of Loki's configuration."""

from __future__ import annotations

from dataclasses import replace

import yaml

from appliance.loki_config import loki_yaml
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
