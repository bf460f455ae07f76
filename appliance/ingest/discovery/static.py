"""Targets written into the configuration (Prometheus, configuration, `<static_config>`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.config.scalars import Utf8Name
from appliance.config.schema import key, section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.config.report import Report


@section
class StaticConfig:
    """Targets that share labels."""

    targets: tuple[str, ...] = ()
    labels: dict[Utf8Name, str] = key(default_factory=dict)

    def shared_labels(self) -> dict[str, str]:
        """The labels as plain text."""
        return {str(name): value for name, value in self.labels.items()}

    def check(self, report: Report) -> None:
        """A target is `host` or `host:port`, no URL."""
        for index, target in enumerate(self.targets):
            if "/" in target:
                bare = target.split("://")[-1].split("/")[0]
                hint = f"write {bare!r}; scheme and metrics_path are keys of the job"
                message = f"{target!r} is not a valid hostname"
                report.error(self, ("targets", index), message, hint=hint)
            elif not target:
                report.error(self, ("targets", index), "no address: the target is empty")


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Targets found in one place.

    Attributes:
        source: Names the place; a later group of the same source replaces this one.
        targets: Labels of each target; `__address__` is one of them.
        labels: Labels that all of them share.
    """

    source: str
    targets: Sequence[Mapping[str, str]]
    labels: Mapping[str, str]


def static_groups(configs: Sequence[StaticConfig]) -> list[TargetGroup]:
    """The groups of a job's `static_configs`."""
    return [
        TargetGroup(
            str(index),
            [{"__address__": target} for target in config.targets],
            config.shared_labels(),
        )
        for index, config in enumerate(configs)
    ]
