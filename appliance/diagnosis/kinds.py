"""What kind of configuration a file is: its content says, for some its name."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import TYPE_CHECKING, Any

import yaml

from appliance.ingest.scrape.config import PrometheusConfig
from appliance.settings.root import Settings

if TYPE_CHECKING:
    from pathlib import Path


class Kind(Enum):
    """What a configuration file can be."""

    SETTINGS = "appliance"
    PROMETHEUS = "prometheus"
    RULES = "rules"
    ALERTMANAGER = "alertmanager"
    ONCALL = "oncall"
    PROMTAIL = "promtail"
    LOKI = "loki"
    LOG_RULES = "log rules"
    TRACE_RULES = "trace rules"
    TARGETS = "targets"
    COMPOSE = "compose"
    ENVIRONMENT = "env"
    PAGE = "runbook"
    DASHBOARD = "dashboard"
    PROVISIONING = "provisioning"


_PROMTAIL_KEYS = {"client", "clients", "positions", "target_config", "limits_config"}
_ALERTMANAGER_KEYS = {"route", "receivers", "inhibit_rules", "time_intervals", "templates"}
_ONCALL_KEYS = {"users", "rotas", "policies", "heartbeats"}
_LOKI_KEYS = {"auth_enabled", "schema_config", "storage_config", "ingester", "compactor", "querier"}
_PROVISIONING_KEYS = {"providers", "datasources"}
_PROMTAIL_JOB_KEYS = {"pipeline_stages", "journal", "syslog", "loki_push_api"}


def kind_by_name(path: Path) -> Kind | None:
    """What a file is meant to be whose content does not say."""
    if path.suffix == ".md":
        return Kind.PAGE
    if path.suffix in {".env", ".sh"} or path.name.startswith(".env"):
        return Kind.ENVIRONMENT
    return next((kind for kind in Kind if kind.value in path.stem), None)


def detect_kind(node: yaml.Node | None) -> Kind | None:
    """What kind of file a document is, by its keys; None when nothing fits."""
    if isinstance(node, yaml.SequenceNode):
        keys = {key for item in node.value for key in _keys(item)}
        if keys & {"alert", "record", "expr"}:
            return Kind.RULES
        return Kind.TARGETS if "targets" in keys else None
    keys = _keys(node)
    for kind, is_kind in (
        (Kind.RULES, "groups" in keys),
        (Kind.COMPOSE, isinstance(_get(node, "services"), yaml.MappingNode)),
        (Kind.COMPOSE, _is_services(node)),
        (Kind.ALERTMANAGER, keys & _ALERTMANAGER_KEYS),
        (Kind.ONCALL, keys & _ONCALL_KEYS),
        (Kind.LOKI, keys & _LOKI_KEYS),
        (Kind.PROVISIONING, "apiVersion" in keys and keys & _PROVISIONING_KEYS),
        (Kind.PROMTAIL, keys & _PROMTAIL_KEYS or _has_promtail_jobs(node)),
    ):
        if is_kind:
            return kind
    own = {field.name for field in dataclasses.fields(Settings)}
    prometheus = {field.name for field in dataclasses.fields(PrometheusConfig)} | {"global"}
    scores = {Kind.PROMETHEUS: len(keys & prometheus), Kind.SETTINGS: len(keys & own)}
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] else None


def _is_services(node: yaml.Node | None) -> bool:
    """Whether it is the inside of `services`, as documents show what to add to a compose file."""
    values = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else []
    return any(isinstance(_get(value, "image"), yaml.ScalarNode) for value in values)


def _has_promtail_jobs(node: yaml.Node | None) -> bool:
    """Whether `scrape_configs` is about files and stages."""
    for job in _items(_get(node, "scrape_configs")):
        if _keys(job) & _PROMTAIL_JOB_KEYS:
            return True
        for static in _items(_get(job, "static_configs")):
            if "__path__" in _keys(_get(static, "labels")):
                return True
    return False


def _keys(node: yaml.Node | None) -> set[str]:
    return (
        {str(key.value) for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
    )


def _get(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs: list[tuple[Any, yaml.Node]] = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
