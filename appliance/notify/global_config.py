"""Defaults of all receivers (Alertmanager, configuration, `global`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.http_client import HttpClientConfig, TlsConfig, refuse_several
from appliance.config.scalars import Duration, SecretUrl, Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.mail.host_port import HostPort

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class GlobalConfig:
    """Defaults of all receivers."""

    resolve_timeout: Duration = Duration(300_000)
    http_config: HttpClientConfig | None = None
    smtp_from: str = ""
    smtp_smarthost: HostPort | None = None
    smtp_hello: str = "localhost"
    smtp_auth_username: str = ""
    smtp_auth_password: Secret | None = None
    smtp_auth_password_file: str = ""
    smtp_auth_identity: str = ""
    smtp_auth_secret: Secret | None = None
    smtp_auth_secret_file: str = ""
    smtp_require_tls: bool = True
    smtp_tls_config: TlsConfig | None = None
    smtp_force_implicit_tls: bool | None = None
    slack_api_url: SecretUrl | None = None
    slack_api_url_file: str = ""
    slack_app_token: Secret | None = None
    slack_app_token_file: str = ""
    slack_app_url: Url = Url("https://slack.com/api/chat.postMessage")
    victorops_api_key: Secret | None = None
    victorops_api_key_file: str = ""
    victorops_api_url: Url = Url("https://alert.victorops.com/integrations/generic/20131114/alert/")
    pagerduty_url: Url = Url("https://events.pagerduty.com/v2/enqueue")
    opsgenie_api_key: Secret | None = None
    opsgenie_api_key_file: str = ""
    opsgenie_api_url: Url = Url("https://api.opsgenie.com/")
    rocketchat_api_url: Url = Url("https://open.rocket.chat/")
    rocketchat_token: Secret | None = None
    rocketchat_token_file: str = ""
    rocketchat_token_id: Secret | None = None
    rocketchat_token_id_file: str = ""
    wechat_api_url: Url = Url("https://qyapi.weixin.qq.com/cgi-bin/")
    wechat_api_secret: Secret | None = None
    wechat_api_secret_file: str = ""
    wechat_api_corp_id: str = ""
    telegram_api_url: Url = Url("https://api.telegram.org")
    telegram_bot_token: Secret | None = None
    telegram_bot_token_file: str = ""
    webex_api_url: Url = Url("https://webexapis.com/v1/messages")
    jira_api_url: Url | None = None
    mattermost_webhook_url: SecretUrl | None = None
    mattermost_webhook_url_file: str = ""

    def check(self, report: Report) -> None:
        """Every secret from one place."""
        for name in (
            *("smtp_auth_password", "smtp_auth_secret", "slack_api_url", "slack_app_token"),
            *("victorops_api_key", "opsgenie_api_key", "rocketchat_token", "rocketchat_token_id"),
            *("wechat_api_secret", "telegram_bot_token", "mattermost_webhook_url"),
        ):
            refuse_several(self, report, (name, f"{name}_file"))
        url = self.slack_api_url.reveal() if self.slack_api_url else ""
        is_webhook = bool(self.slack_api_url_file) or url not in {"", self.slack_app_url}
        if is_webhook and (self.slack_app_token or self.slack_app_token_file):
            message = (
                "at most one of slack_app_token/slack_app_token_file &"
                " slack_api_url/slack_api_url_file must be configured"
            )
            name = "slack_app_token" if self.slack_app_token else "slack_app_token_file"
            report.error(self, name, message)
