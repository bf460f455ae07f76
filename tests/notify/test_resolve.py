"""What `global` gives, integration by integration."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.config.secret import Secret
from appliance.notify.global_config import GlobalConfig
from appliance.notify.receiver import Receiver
from appliance.notify.resolve import resolved_receiver
from tests.notify.receiving import section_of

GLOBAL = """
http_config: {authorization: {credentials: globaltok}}
smtp_from: am@x.org
smtp_smarthost: mail.x.org:587
smtp_hello: me.x.org
smtp_auth_username: u
smtp_auth_password_file: pw
smtp_auth_secret: s
smtp_auth_identity: i
smtp_require_tls: false
smtp_tls_config: {server_name: n}
smtp_force_implicit_tls: true
slack_api_url: http://slack/hook
pagerduty_url: http://pd/
opsgenie_api_url: http://og/
opsgenie_api_key: ogk
victorops_api_url: http://vo/
victorops_api_key_file: vok
wechat_api_url: http://wx/
wechat_api_secret: wxs
wechat_api_corp_id: corp
telegram_api_url: http://tg/
telegram_bot_token: tgt
webex_api_url: http://webex/
jira_api_url: http://jira/
rocketchat_api_url: http://rc/
rocketchat_token: rct
rocketchat_token_id_file: rcid
mattermost_webhook_url_file: mm
"""


def resolved(text: str, shared: str = GLOBAL) -> Receiver:
    """A receiver; the first section of each integration is what it is about."""
    receiver = section_of(Receiver, f"name: r\n{text}")
    return resolved_receiver(receiver, section_of(GlobalConfig, shared))


def plain(value: object) -> object:
    return value.reveal() if isinstance(value, Secret) else value


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (
            "email_configs: [{to: a@b.c}]",
            "email_configs",
            {
                "from_": "am@x.org",
                "smarthost": "mail.x.org:587",
                "hello": "me.x.org",
                "auth_username": "u",
                "auth_password_file": "pw",
                "auth_password": None,
                "auth_secret": "s",
                "auth_identity": "i",
                "require_tls": False,
                "force_implicit_tls": True,
            },
        ),
        (
            "email_configs: [{to: a@b.c, from: x@y.z, auth_password: own, require_tls: true}]",
            "email_configs",
            {
                "from_": "x@y.z",
                "auth_password": "own",
                "auth_password_file": "",
                "require_tls": True,
            },
        ),
        ("pagerduty_configs: [{routing_key: k}]", "pagerduty_configs", {"url": "http://pd/"}),
        (
            "pagerduty_configs: [{routing_key: k, url: 'http://own'}]",
            "pagerduty_configs",
            {"url": "http://own"},
        ),
        (
            "opsgenie_configs: [{}]",
            "opsgenie_configs",
            {"api_url": "http://og/", "api_key": "ogk"},
        ),
        (
            "opsgenie_configs: [{api_key_file: f}]",
            "opsgenie_configs",
            {"api_key": None, "api_key_file": "f"},
        ),
        (
            "victorops_configs: [{routing_key: k}]",
            "victorops_configs",
            {"api_url": "http://vo/", "api_key_file": "vok"},
        ),
        (
            "wechat_configs: [{}]",
            "wechat_configs",
            {"api_url": "http://wx/", "api_secret": "wxs", "corp_id": "corp"},
        ),
        (
            "telegram_configs: [{chat_id: 1}]",
            "telegram_configs",
            {"api_url": "http://tg/", "bot_token": "tgt"},
        ),
        (
            "rocketchat_configs: [{}]",
            "rocketchat_configs",
            {"api_url": "http://rc/", "token": "rct", "token_id_file": "rcid"},
        ),
        ("mattermost_configs: [{}]", "mattermost_configs", {"webhook_url_file": "mm"}),
        ("slack_configs: [{}]", "slack_configs", {"api_url": "http://slack/hook"}),
        (
            "slack_configs: [{api_url_file: own}]",
            "slack_configs",
            {"api_url": None, "api_url_file": "own"},
        ),
    ],
)
def test_what_is_filled_in(text: str, key: str, expected: dict[str, Any]) -> None:
    [config] = getattr(resolved(text), key)
    assert {name: plain(getattr(config, name)) for name in expected} == expected


def test_http_config_is_taken_as_a_whole() -> None:
    text = "webhook_configs: [{url: 'http://a'}, {url: 'http://b', http_config: {proxy_url: 'http://p'}}]"
    first, second = resolved(text).webhook_configs
    assert first.http_config is not None
    assert second.http_config is not None
    assert first.http_config.authorization is not None
    assert second.http_config.authorization is None
    assert second.http_config.proxy_url == "http://p"
    [plain_one] = resolved("webhook_configs: [{url: 'http://a'}]", "{}").webhook_configs
    assert plain_one.http_config is not None


def test_a_bot_token_becomes_the_login() -> None:
    [config] = resolved("slack_configs: [{}]", "slack_app_token: xoxb").slack_configs
    assert config.http_config is not None
    login = config.http_config.authorization
    assert login is not None
    assert (login.type, plain(login.credentials)) == ("Bearer", "xoxb")
    assert plain(config.api_url) == "https://slack.com/api/chat.postMessage"
    text = "slack_configs: [{app_token_file: tok, app_url: 'http://s/api/chat.postMessage'}]"
    [config] = resolved(text, "slack_api_url: http://hook").slack_configs
    assert config.http_config is not None
    assert config.http_config.authorization is not None
    assert config.http_config.authorization.credentials_file == "tok"
    assert plain(config.api_url) == "http://s/api/chat.postMessage"


def test_the_global_token_is_not_for_those_with_an_address() -> None:
    text = "slack_configs: [{api_url: 'http://own'}]"
    [config] = resolved(text, "slack_app_token: xoxb").slack_configs
    assert plain(config.api_url) == "http://own"
    assert config.app_token is None


def test_usual_addresses() -> None:
    text = "pagerduty_configs: [{routing_key: k}]\nopsgenie_configs: [{api_key: k}]"
    receiver = resolved(text, "{}")
    assert receiver.pagerduty_configs[0].url == "https://events.pagerduty.com/v2/enqueue"
    assert receiver.opsgenie_configs[0].api_url == "https://api.opsgenie.com/"
    assert resolved("", "{}").name == "r"
