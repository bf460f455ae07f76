"""In which order Alertmanager prints the keys of its configuration, and which it always prints.

A mark behind a key: `!` it is printed though it is empty; `+` Alertmanager 0.25 does not know it,
so that it is printed only when it differs from its default, and an amtool of that time can read
what the server shows. Keys that are not listed follow those that are.
"""

from __future__ import annotations

_TOKEN = "api_url api_url_file"  # noqa: S105 - names of keys
_HTTP = "send_resolved! http_config "
_BUTTONS = "icon_emoji icon_url image_url thumb_url link_names!"

#: By the name of the section.
KEYS: dict[str, str] = {
    "AlertmanagerConfig": (
        "global route inhibit_rules receivers templates! mute_time_intervals time_intervals"
    ),
    "GlobalConfig": (
        "resolve_timeout! http_config jira_api_url+ smtp_from smtp_hello smtp_smarthost"
        " smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret"
        " smtp_auth_secret_file+ smtp_auth_identity smtp_require_tls! smtp_tls_config+"
        " smtp_force_implicit_tls+ slack_api_url slack_api_url_file slack_app_token+"
        " slack_app_token_file+ slack_app_url+ pagerduty_url opsgenie_api_url opsgenie_api_key"
        " opsgenie_api_key_file wechat_api_url wechat_api_secret wechat_api_secret_file+"
        " wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file"
        " telegram_api_url telegram_bot_token+ telegram_bot_token_file+ webex_api_url"
        " rocketchat_api_url+ rocketchat_token+ rocketchat_token_file+ rocketchat_token_id+"
        " rocketchat_token_id_file+ mattermost_webhook_url+ mattermost_webhook_url_file+"
    ),
    "RouteConfig": (
        "receiver group_by match match_re matchers mute_time_intervals active_time_intervals"
        " continue! routes group_wait group_interval repeat_interval labels+"
    ),
    "InhibitRule": (
        "name+ source_match source_match_re source_matchers target_match target_match_re"
        " target_matchers equal"
    ),
    "Receiver": (
        "name labels+ discord_configs email_configs incidentio_configs pagerduty_configs"
        " slack_configs webhook_configs opsgenie_configs wechat_configs pushover_configs"
        " victorops_configs sns_configs telegram_configs webex_configs msteams_configs"
        " msteamsv2_configs jira_configs rocketchat_configs mattermost_configs"
    ),
    "HttpClientConfig": (
        "basic_auth authorization oauth2 bearer_token bearer_token_file tls_config"
        " follow_redirects! enable_http2! proxy_url no_proxy+ proxy_from_environment+"
        " proxy_connect_header http_headers+"
    ),
    "TlsConfig": (
        "ca+ cert+ key+ ca_file cert_file key_file server_name insecure_skip_verify!"
        " min_version max_version"
    ),
    "Authorization": "type credentials credentials_file",
    "DiscordConfig": _HTTP + "webhook_url webhook_url_file+ content+ title message username+",
    "EmailConfig": (
        "send_resolved! to from hello smarthost auth_username auth_password auth_password_file"
        " auth_secret auth_secret_file+ auth_identity headers html text require_tls tls_config"
        " force_implicit_tls+ threading+"
    ),
    "PagerdutyConfig": _HTTP
    + (
        "routing_key routing_key_file service_key service_key_file url client client_url"
        " description details images links source+ severity class component group timeout+"
    ),
    "SlackConfig": _HTTP
    + _TOKEN
    + (
        " app_token+ app_token_file+ app_url+ channel username color title title_link pretext"
        " text message_text+ fields short_fields! footer fallback callback_id "
    )
    + _BUTTONS
    + " mrkdwn_in actions update_message+ timeout+",
    "WebhookConfig": _HTTP + "url url_file+ max_alerts! timeout+ payload+",
    "OpsgenieConfig": _HTTP
    + (
        "api_key api_key_file api_url message description source details entity responders"
        " actions tags note priority update_alerts"
    ),
    "WechatConfig": _HTTP
    + (
        "api_secret api_secret_file+ corp_id message api_url to_user to_party to_tag agent_id"
        " message_type"
    ),
    "PushoverConfig": _HTTP
    + (
        "user_key user_key_file+ token token_file+ title message url url_title device+ sound"
        " priority retry expire ttl+ html monospace+"
    ),
    "VictoropsConfig": _HTTP
    + (
        "api_key api_key_file api_url routing_key message_type state_message"
        " entity_display_name monitoring_tool custom_fields"
    ),
    "SnsConfig": _HTTP
    + ("api_url sigv4! topic_arn phone_number target_arn subject message attributes"),
    "TelegramConfig": _HTTP
    + (
        "api_url bot_token bot_token_file+ chat_id chat_id_file+ message_thread_id+ message"
        " disable_notifications parse_mode!"
    ),
    "WebexConfig": _HTTP + "api_url message room_id",
    "MsteamsConfig": _HTTP + "webhook_url webhook_url_file title summary text",
    "JiraConfig": _HTTP
    + (
        "api_url api_type project summary description labels priority issue_type"
        " reopen_transition resolve_transition wont_fix_resolution reopen_duration fields"
    ),
    "RocketchatConfig": _HTTP
    + (
        "api_url token_id token_id_file token token_file channel color title title_link text"
        " fields short_fields! emoji icon_url image_url thumb_url link_names! actions"
    ),
    "MattermostConfig": _HTTP
    + (
        "webhook_url webhook_url_file channel username text fallback color pretext author_name"
        " author_link author_icon title title_link fields thumb_url footer footer_icon image_url"
        " icon_url icon_emoji attachments type props priority"
    ),
    "IncidentioConfig": _HTTP
    + ("url url_file alert_source_token alert_source_token_file max_alerts! timeout"),
    "TimeInterval": "times weekdays days_of_month months years location+",
    "NamedInterval": "name time_intervals!",
    "SlackField": "title! value! short",
    "SlackAction": "type text url style name value confirm",
}
