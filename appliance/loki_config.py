"""The settings in use in the shape of Loki's configuration, for its `/config`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from appliance.base.duration import print_duration

if TYPE_CHECKING:
    from appliance.settings.root import Settings


def loki_yaml(settings: Settings, directory: str) -> str:
    """What Loki would be configured with to behave like this server; there are no secrets in it.

    Args:
        directory: Where the data are.
    """
    text: str = yaml.safe_dump(_document(settings, directory), sort_keys=False)
    return text


def _document(settings: Settings, directory: str) -> dict[str, Any]:
    host, port = settings.listen.open_addresses().get("loki", ("", 0))
    return {
        "target": "all",
        "auth_enabled": False,
        "server": {
            "http_listen_address": host,
            "http_listen_port": port,
            "log_level": settings.log.level.value,
        },
        "common": {
            "path_prefix": directory,
            "replication_factor": 1,
            "ring": {"kvstore": {"store": "inmemory"}},
        },
        "limits_config": _limits(settings),
    }


def tenant_limits(settings: Settings, tenant: str) -> dict[str, Any]:
    """The `limits_config` of one tenant, with what is kept of it for how long."""
    found = _limits(settings)
    own = settings.tenants.get(tenant)
    if own is not None and own.retention.logs is not None:
        found["retention_period"] = print_duration(int(own.retention.logs))
    rules = [rule for rule in settings.retention.streams if rule.tenant in {None, tenant}]
    if rules:
        found["retention_stream"] = [
            {
                "period": print_duration(int(rule.max_age)),
                "priority": len(rules) - place,
                "selector": str(rule.selector),
            }
            for place, rule in enumerate(rules)
        ]
    return found


def _limits(settings: Settings) -> dict[str, Any]:
    limits, logs, query = settings.limits, settings.limits.logs, settings.limits.query
    return {
        "max_line_size": int(limits.line_bytes),
        "max_label_name_length": int(logs.label_name_bytes),
        "max_label_value_length": int(logs.label_value_bytes),
        "max_label_names_per_series": logs.labels_per_stream,
        "max_structured_metadata_size": int(logs.metadata_bytes),
        "max_structured_metadata_entries_count": logs.metadata_count,
        "reject_old_samples": int(logs.max_age) > 0,
        "reject_old_samples_max_age": print_duration(int(logs.max_age)),
        "creation_grace_period": print_duration(int(logs.max_ahead)),
        "max_global_streams_per_user": limits.streams_per_tenant,
        "unordered_writes": True,
        "max_query_series": query.max_log_series,
        "max_entries_limit_per_query": query.max_log_entries,
        "max_query_length": "0s",
        "query_timeout": f"{query.timeout_seconds:g}s",
        "volume_enabled": True,
        "discover_log_levels": True,
        "retention_period": print_duration(int(settings.retention.logs)),
    }
