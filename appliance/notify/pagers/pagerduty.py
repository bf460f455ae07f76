"""The PagerDuty integration (Alertmanager, `<pagerduty_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.config.scalars import Duration, Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class PagerdutyImage:
    """A picture on an incident."""

    src: str = ""
    alt: str = ""
    href: str = ""


@section
class PagerdutyLink:
    """A link on an incident."""

    href: str = ""
    text: str = ""


@section
class PagerdutyConfig(Notifier):
    """An incident in PagerDuty, by events API v2 (`routing_key`) or v1 (`service_key`)."""

    routing_key: Secret | None = None
    routing_key_file: str = ""
    service_key: Secret | None = None
    service_key_file: str = ""
    url: Url | None = None
    client: str = ""
    client_url: str = ""
    description: str = ""
    severity: str = ""
    source: str = ""
    details: dict[str, Any] = key(default_factory=dict)
    images: tuple[PagerdutyImage, ...] = ()
    links: tuple[PagerdutyLink, ...] = ()
    class_: str = key("class", default="")
    component: str = ""
    group: str = ""
    timeout: Duration | None = None

    def check(self, report: Report) -> None:
        """A key of either kind."""
        Notifier.check(self, report)
        names = ("service_key", "service_key_file", "routing_key", "routing_key_file")
        self.require(report, *names)
