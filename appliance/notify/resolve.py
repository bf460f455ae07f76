"""Receivers with what `global` gives filled in (Alertmanager 0.34, configuration, `global`).

A key of the receiver comes before the global one; a secret and the file it may be in count as one
key. `http_config` is taken as a whole from either.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from appliance.config.http_client import Authorization, HttpClientConfig
from appliance.config.scalars import SecretUrl
from appliance.notify.kinds import KINDS

if TYPE_CHECKING:
    from appliance.notify.chats.slack import SlackConfig
    from appliance.notify.global_config import GlobalConfig
    from appliance.notify.receiver import Receiver

#: By integration: keys that count as one, each with its global name.
_GLOBAL: dict[str, tuple[tuple[tuple[str, str], ...], ...]] = {
    "email": (
        (("from_", "smtp_from"),),
        (("smarthost", "smtp_smarthost"),),
        (("hello", "smtp_hello"),),
        (("auth_username", "smtp_auth_username"),),
        (
            ("auth_password", "smtp_auth_password"),
            ("auth_password_file", "smtp_auth_password_file"),
        ),
        (("auth_secret", "smtp_auth_secret"), ("auth_secret_file", "smtp_auth_secret_file")),
        (("auth_identity", "smtp_auth_identity"),),
        (("require_tls", "smtp_require_tls"),),
        (("tls_config", "smtp_tls_config"),),
        (("force_implicit_tls", "smtp_force_implicit_tls"),),
    ),
    "pagerduty": ((("url", "pagerduty_url"),),),
    "opsgenie": (
        (("api_url", "opsgenie_api_url"),),
        (("api_key", "opsgenie_api_key"), ("api_key_file", "opsgenie_api_key_file")),
    ),
    "victorops": (
        (("api_url", "victorops_api_url"),),
        (("api_key", "victorops_api_key"), ("api_key_file", "victorops_api_key_file")),
    ),
    "wechat": (
        (("api_url", "wechat_api_url"),),
        (("api_secret", "wechat_api_secret"), ("api_secret_file", "wechat_api_secret_file")),
        (("corp_id", "wechat_api_corp_id"),),
    ),
    "telegram": (
        (("api_url", "telegram_api_url"),),
        (("bot_token", "telegram_bot_token"), ("bot_token_file", "telegram_bot_token_file")),
    ),
    "webex": ((("api_url", "webex_api_url"),),),
    "jira": ((("api_url", "jira_api_url"),),),
    "rocketchat": (
        (("api_url", "rocketchat_api_url"),),
        (("token", "rocketchat_token"), ("token_file", "rocketchat_token_file")),
        (("token_id", "rocketchat_token_id"), ("token_id_file", "rocketchat_token_id_file")),
    ),
    "mattermost": (
        (
            ("webhook_url", "mattermost_webhook_url"),
            ("webhook_url_file", "mattermost_webhook_url_file"),
        ),
    ),
    "slack": ((("app_url", "slack_app_url"),),),
}


def resolved_receiver(receiver: Receiver, global_config: GlobalConfig) -> Receiver:
    """A receiver whose sections lack nothing that `global` gives."""
    changes: dict[str, Any] = {
        kind.key: tuple(_resolved(name, config, global_config) for config in configs)
        for name, kind in KINDS.items()
        if (configs := getattr(receiver, kind.key))
    }
    return dataclasses.replace(receiver, **changes) if changes else receiver


def _resolved(kind: str, config: Any, shared: GlobalConfig) -> Any:
    changes: dict[str, Any] = {}
    for keys in _GLOBAL.get(kind, ()):
        if all(_is_absent(getattr(config, own)) for own, _ in keys):
            changes |= {own: getattr(shared, name) for own, name in keys}
    if config.http_config is None:
        changes["http_config"] = shared.http_config or HttpClientConfig()
    config = dataclasses.replace(config, **changes)
    return _with_way_to_slack(config, shared) if kind == "slack" else config


def _is_absent(value: object) -> bool:
    return value is None or value == ""


def _with_way_to_slack(config: SlackConfig, shared: GlobalConfig) -> SlackConfig:
    """By a bot's token or by the address of a webhook.

    The global token is for those who neither have an address nor a login of their own. A token
    becomes the login of the requests, `app_url` their address.
    """
    http = config.http_config or HttpClientConfig()
    has_token = bool(config.app_token or config.app_token_file)
    has_url = bool(config.api_url or config.api_url_file)
    if not has_token and not has_url and http.authorization is None:
        config = dataclasses.replace(
            config, app_token=shared.slack_app_token, app_token_file=shared.slack_app_token_file
        )
        has_token = bool(config.app_token or config.app_token_file)
    if has_token:
        login = Authorization(credentials=config.app_token, credentials_file=config.app_token_file)
        return dataclasses.replace(
            config,
            http_config=dataclasses.replace(http, authorization=login),
            api_url=SecretUrl(config.app_url or ""),
            api_url_file="",
        )
    if has_url:
        return config
    return dataclasses.replace(
        config, api_url=shared.slack_api_url, api_url_file=shared.slack_api_url_file
    )
