"""Targets written into the configuration."""

from __future__ import annotations

from appliance.ingest.discovery.static import StaticConfig, static_groups


def test_each_section_is_a_group_of_its_own() -> None:
    configs = [StaticConfig(targets=("a:1", "b")), StaticConfig(targets=("c",))]
    first, second = static_groups(configs)
    assert first.targets == [{"__address__": "a:1"}, {"__address__": "b"}]
    assert first.labels == {}
    assert first.source != second.source
