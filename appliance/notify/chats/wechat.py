"""The WeChat integration (Alertmanager, `<wechat_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class WechatConfig(Notifier):
    """A message in WeChat."""

    send_resolved: bool = False
    api_secret: Secret | None = None
    api_secret_file: str = ""
    corp_id: str = ""
    message: str = ""
    message_type: str = "text"
    api_url: Url | None = None
    to_user: str = ""
    to_party: str = ""
    to_tag: str = ""
    agent_id: str = ""

    def check(self, report: Report) -> None:
        """A known kind of message."""
        Notifier.check(self, report)
        if self.message_type not in {"text", "markdown"}:
            message = f"weChat message type {self.message_type!r} does not match valid options"
            report.error(self, "message_type", message, hint="one of text, markdown")
