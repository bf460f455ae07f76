"""Stages that move extracted values to where entries keep things: labels, metadata, line, tenant.

promtail: labels, labeldrop, labelallow, static_labels, structured_metadata, tenant, output;
Alloy: structured_metadata_drop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.ingest.tail.stages.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import OutputStage, TenantStage


class Labels:
    """Extracted values become labels; a name without a source is its own."""

    def __init__(self, config: Mapping[str, str | None]) -> None:
        self._pairs = [(name, source or name) for name, source in config.items()]

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Set labels."""
        pairs = self._pairs
        for entry in entries:
            extracted, labels = entry.extracted, entry.labels
            for name, source in pairs:
                value = extracted.get(source)
                if type(value) is str:
                    labels[name] = value
                elif value is not None and (text := text_of(value)) is not None:
                    labels[name] = text
        return entries


class LabelDrop:
    """Labels are removed."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Remove labels."""
        for entry in entries:
            for name in self._names:
                entry.labels.pop(name, None)
        return entries


class LabelAllow:
    """All other labels are removed."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Remove labels."""
        for entry in entries:
            for name in entry.labels.keys() - self._names:
                del entry.labels[name]
        return entries


class StaticLabels:
    """Labels with fixed values; empty ones are left out."""

    def __init__(self, config: Mapping[str, str | None]) -> None:
        self._labels = {name: value for name, value in config.items() if value}

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Set labels."""
        for entry in entries:
            entry.labels.update(self._labels)
        return entries


class StructuredMetadata:
    """Extracted values become structured metadata; labels of that name move there."""

    def __init__(self, config: Mapping[str, str | None]) -> None:
        self._pairs = [(name, source or name) for name, source in config.items()]

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Set metadata."""
        for entry in entries:
            found = []
            for name, source in self._pairs:
                if (text := text_of(entry.extracted.get(source))) is not None:
                    entry.metadata[name] = text
                if source in entry.labels:
                    entry.metadata[name] = entry.labels[source]
                    found.append(source)
            for source in found:
                entry.labels.pop(source, None)
        return entries


class StructuredMetadataDrop:
    """Structured metadata is removed."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Remove metadata."""
        for entry in entries:
            for name in self._names:
                entry.metadata.pop(name, None)
        return entries


class Tenant:
    """Entries get a tenant: a fixed one, or from an extracted value or a label."""

    def __init__(self, config: TenantStage) -> None:
        self._config = config

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Set the tenant, unless it would be empty."""
        config = self._config
        for entry in entries:
            if config.source:
                tenant = text_of(entry.extracted.get(config.source))
            elif config.label:
                tenant = entry.labels.get(config.label)
            else:
                tenant = config.value
            entry.tenant = tenant or entry.tenant
        return entries


class Output:
    """An extracted value becomes the line."""

    def __init__(self, config: OutputStage) -> None:
        self._source = config.source

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Set the line."""
        source = self._source
        for entry in entries:
            text = text_of(entry.extracted.get(source))
            if text is not None:
                entry.line = text
        return entries
