"""A configuration file of Loki's own, unmodified: what of it there is a setting for.

Loki, docs/sources/shared/configuration.md, `limits_config` and `compactor`. The file becomes a tree
of our settings that lies under `appliance.yml`: what both give, ours decides. Values keep the
places where they stand, so that what is wrong with them is told there. The rest is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from appliance.base.errors import BadInput
from appliance.config.document import compose, position, read
from appliance.config.problem import Problem, Severity
from appliance.config.scalars import GoDuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TAG = "tag:yaml.org,2002:"
_LOGS = "limits.logs."
#: Keys of `limits_config` with the setting that means the same.
_SIZES_AND_COUNTS = {
    "max_line_size": "limits.line_bytes",
    "max_label_name_length": _LOGS + "label_name_bytes",
    "max_label_value_length": _LOGS + "label_value_bytes",
    "max_label_names_per_series": _LOGS + "labels_per_stream",
    "max_structured_metadata_size": _LOGS + "metadata_bytes",
    "max_structured_metadata_entries_count": _LOGS + "metadata_count",
    "max_global_streams_per_user": "limits.streams_per_tenant",
    "max_query_series": "limits.query.max_log_series",
    "max_entries_limit_per_query": "limits.query.max_log_entries",
}
_DURATIONS = {
    "reject_old_samples_max_age": _LOGS + "max_age",
    "creation_grace_period": _LOGS + "max_ahead",
    "query_timeout": "limits.query.timeout_seconds",
    "retention_period": "retention.logs",
}
#: Keys of `limits_config` that may only say what is so here.
_AS_IT_IS = {
    "allow_structured_metadata": "true",
    "discover_log_levels": "true",
    "increment_duplicate_timestamp": "false",
    "max_line_size_truncate": "false",
    "reject_old_samples": "true",
    "unordered_writes": "true",
    "volume_enabled": "true",
}
_RETENTION = {"retention_period", "retention_stream"}
_HINTS = {
    "auth_enabled": "X-Scope-OrgID tells tenants apart; without it entries are of `anonymous`",
    "common": "`data` says where data are kept",
    "ruler": "`loki_rules` names files of rules",
    "schema_config": "nothing has to be said of how data are kept",
    "server": "`listen` sets addresses and ports, `log` the log",
    "storage_config": "`data` says where data are kept",
}


def read_loki_file(path: Path) -> tuple[yaml.MappingNode | None, list[Problem]]:
    """The settings that a file of Loki makes, as a tree, and what is ignored of it."""
    data, unreadable = read(path)
    node, invalid = compose(data, str(path))
    problems = unreadable + invalid
    if problems or node is None:
        return None, problems
    if not isinstance(node, yaml.MappingNode):
        message = "not a configuration of Loki: that is a mapping"
        return None, [Problem(*position(node), "", message, "wrong-kind")]
    translation = _Translation(node)
    return translation.tree, translation.problems


class _Translation:
    """One file's way into settings."""

    def __init__(self, root: yaml.MappingNode) -> None:
        self.tree = _mapping(root)
        self.problems: list[Problem] = []
        self._deletes = _given(root, "compactor", "retention_enabled") == "true"
        self._takes_any_age = _given(root, "limits_config", "reject_old_samples") == "false"
        for name, key, value in _pairs(root):
            if name == "limits_config" and isinstance(value, yaml.MappingNode):
                for limit, inner_key, inner in _pairs(value):
                    self._limit(limit, inner_key, inner)
            elif name != "compactor":
                self._ignore(key, name, _HINTS.get(name, ""))
            elif isinstance(value, yaml.MappingNode):
                for inner_name, inner_key, _ in _pairs(value):
                    if inner_name != "retention_enabled":
                        self._ignore(inner_key, f"compactor.{inner_name}")

    def _limit(self, name: str, key: yaml.Node, value: yaml.Node) -> None:
        """One key of `limits_config`."""
        text = str(value.value) if isinstance(value, yaml.ScalarNode) else ""
        path = f"limits_config.{name}"
        if name in _RETENTION and not self._deletes:
            hint = "Loki deletes nothing without `compactor: {retention_enabled: true}`"
            self._ignore(key, path, hint)
        elif name == "retention_stream" and isinstance(value, yaml.SequenceNode):
            self._put("retention.streams", _streams(value))
        elif name == "reject_old_samples" and self._takes_any_age:
            self._put(_DURATIONS["reject_old_samples_max_age"], _scalar(value, "0s", "str"))
        elif self._is_so_anyway(name, text.lower()):
            pass
        elif name in _SIZES_AND_COUNTS | _DURATIONS and _is_zero(text):
            self._ignore(key, path, "0 means no limit in Loki; there always is one here")
        elif name in _SIZES_AND_COUNTS:
            self._put(_SIZES_AND_COUNTS[name], value)
        elif name in _DURATIONS:
            self._put(_DURATIONS[name], _duration(value, text, in_seconds=name == "query_timeout"))
        else:
            self._ignore(key, path)

    def _is_so_anyway(self, name: str, text: str) -> bool:
        """Whether a key says what is so here, or does not matter beside another one."""
        if name == "reject_old_samples_max_age":
            return self._takes_any_age
        return bool(text) and text == _AS_IT_IS.get(name)

    def _put(self, path: str, value: yaml.Node) -> None:
        """Set one of our settings; the first one to come decides."""
        *sections, name = path.split(".")
        at = self.tree
        for section in sections:
            inner = next((node for key, _, node in _pairs(at) if key == section), None)
            if not isinstance(inner, yaml.MappingNode):
                inner = _mapping(value)
                at.value.append((_scalar(value, section, "str"), inner))
            at = inner
        at.value[:] = [pair for pair in at.value if pair[0].value != name]
        at.value.append((_scalar(value, name, "str"), value))

    def _ignore(self, key: yaml.Node, path: str, hint: str = "") -> None:
        place, severity = position(key), Severity.WARNING
        message = "has no effect here"
        self.problems.append(Problem(*place, path, message, "ignored", severity, hint))


def _given(root: yaml.MappingNode, section: str, key: str) -> str:
    """The text of a key in a section, in small letters; empty when it is absent."""
    inner = next((value for name, _, value in _pairs(root) if name == section), None)
    found = next((value for name, _, value in _pairs(inner) if name == key), None)
    return str(found.value).lower() if isinstance(found, yaml.ScalarNode) else ""


def _streams(value: yaml.SequenceNode) -> yaml.SequenceNode:
    """`retention_stream` as `retention.streams`: the highest priority first."""
    found = []
    for item in value.value:
        given = {name: node for name, _, node in _pairs(item)}
        try:
            priority = int(str(given["priority"].value))
        except (KeyError, ValueError):
            priority = 0
        made = _mapping(item)
        for name, ours in (("selector", "selector"), ("period", "max_age")):
            if name in given:
                node = given[name]
                if name == "period":
                    node = _duration(node, str(node.value), in_seconds=False)
                made.value.append((_scalar(node, ours, "str"), node))
        found.append((priority, made))
    found.sort(key=lambda one: -one[0])
    nodes = [node for _, node in found]
    return yaml.SequenceNode(_TAG + "seq", nodes, value.start_mark, value.end_mark)


def _duration(value: yaml.Node, text: str, *, in_seconds: bool) -> yaml.Node:
    """A Go duration as ours are written; what is none is left, and told when it is decoded."""
    try:
        span = GoDuration.from_text(text)
    except BadInput:
        return value
    return (
        _scalar(value, f"{span.seconds:g}", "float")
        if in_seconds
        else _scalar(value, f"{int(span)}ms", "str")
    )


def _is_zero(text: str) -> bool:
    return text.rstrip("BKMGiabnsmhdwy") in {"0", "0."}


def _pairs(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key, value


def _mapping(place: yaml.Node) -> yaml.MappingNode:
    return yaml.MappingNode(_TAG + "map", [], place.start_mark, place.end_mark)


def _scalar(place: yaml.Node, text: str, tag: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(_TAG + tag, text, place.start_mark, place.end_mark)
