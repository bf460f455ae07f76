"""The Jira integration (Alertmanager, `<jira_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.config.scalars import Duration, Url
from appliance.config.schema import key, section
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class JiraConfig(Notifier):
    """An issue in Jira."""

    api_url: Url | None = None
    api_type: str = "auto"
    project: str = ""
    issue_type: str = ""
    summary: Any = None
    description: Any = None
    labels: tuple[str, ...] = ()
    priority: str = ""
    fields: dict[str, Any] = key(default_factory=dict)
    custom_fields: dict[str, Any] = key(default_factory=dict)
    resolve_transition: str = ""
    reopen_transition: str = ""
    reopen_duration: Duration | None = None
    wont_fix_resolution: str = ""

    def check(self, report: Report) -> None:
        """A project and a kind of issue."""
        Notifier.check(self, report)
        self.require(report, "project")
        self.require(report, "issue_type")
