"""Templates of an `alertmanager.yml`, and what they make of the labels of routes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.alertmanager.deps import LabelExpander
    from appliance.notify.integration import Renderer
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
    """Fills in templates in the labels of routes; `routeLabels` in them gives those of the route.

    Raises:
        BadInput: A template file has errors, or, later, a label cannot be filled in.
    """
    templates = templates_of(config, directory)

    def expand(labels: Mapping[str, str], message: Message) -> dict[str, str]:
        filling = _Filling(labels)
        renderer = templates.renderer(message, route_label=lambda name: filling.get(name, renderer))
        return {name: filling.get(name, renderer) for name in labels}

    return expand


class _Filling:
    """Labels of a route that are filled in one after the other, and one for another."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._filled: dict[str, str] = {}
        self._under_way: list[str] = []

    def get(self, name: str, renderer: Renderer) -> str:
        """A label, filled in; empty if there is none of that name."""
        if name in self._under_way:
            circle = " → ".join([*self._under_way, name])
            raise BadInput(f"labels of a route refer to each other in a circle: {circle}")
        if name not in self._filled and name in self._labels:
            self._under_way.append(name)
            self._filled[name] = renderer.text(self._labels[name])
            self._under_way.pop()
        return self._filled.get(name, "")


def has_integrations(receiver: Receiver) -> bool:
    """Whether a receiver tells anybody."""
    return any(getattr(receiver, field.name) for field in fields(receiver) if field.name != "name")
