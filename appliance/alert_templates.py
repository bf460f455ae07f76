"""Templates of an `alertmanager.yml`, and what they make of the labels of routes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.alertmanager.deps import LabelExpander
    from appliance.notify.message import Message
    from appliance.notify.receiver import Receiver
    from appliance.notify.template.templates import NotificationTemplates


def templates_of(config: AlertmanagerConfig, directory: Path) -> NotificationTemplates:
    """The templates in the files that a configuration names.

    Raises:
        BadInput: A file has errors.
    """
    from appliance.config.document import matching_files  # noqa: PLC0415
    from appliance.notify.template.templates import NotificationTemplates  # noqa: PLC0415

    files = [file for name in config.templates for file in matching_files(name, directory)]
    return NotificationTemplates([file for file in files if file.is_file()])


def expander(config: AlertmanagerConfig, directory: Path) -> LabelExpander:
    """Fills in templates in the labels of routes."""
    templates = templates_of(config, directory)

    def expand(labels: Mapping[str, str], message: Message) -> dict[str, str]:
        renderer = templates.renderer(message)
        return {name: renderer.text(text) for name, text in labels.items()}

    return expand


def has_integrations(receiver: Receiver) -> bool:
    """Whether a receiver tells anybody."""
    return any(getattr(receiver, field.name) for field in fields(receiver) if field.name != "name")
