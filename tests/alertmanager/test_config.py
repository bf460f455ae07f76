"""`alertmanager.yml`: accepted and refused as the original does it."""
# ruff: noqa: E501 - a case a line reads best

from __future__ import annotations

import pytest

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.config.load import load_text
from appliance.config.problem import Problem, Severity

FULL = """\
global:
  resolve_timeout: 5m
  smtp_smarthost: mail:25
  smtp_from: a@b
  slack_api_url: https://hooks.slack.com/services/x
  opsgenie_api_key: k
  http_config: {proxy_url: http://proxy:3128}
templates: [templates/*.tmpl]
route:
  receiver: default
  group_by: [alertname, cluster]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - receiver: pager
      matchers: [severity="critical", 'team=~"a|b"', '{x!="y", z!~"w"}']
      continue: true
      active_time_intervals: [office]
      routes:
        - {match: {a: b}, match_re: {c: d.*}, group_by: ['...'], labels: {tier: one}}
    - {receiver: chat, mute_time_intervals: [nights]}
inhibit_rules:
  - {source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [alertname]}
time_intervals:
  - name: office
    time_intervals:
      - times: [{start_time: '09:00', end_time: '17:00'}]
        weekdays: ['monday:friday']
        days_of_month: ['1:5', '-3:-1']
        months: ['january:march', 'december', '6']
        years: ['2020:2030', 2024]
        location: Europe/Berlin
mute_time_intervals: [{name: nights, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
receivers:
  - name: default
    email_configs: [{to: x@y, headers: {Subject: s}}]
    webhook_configs: [{url: 'http://x/y', max_alerts: 5, send_resolved: false}, {url: 'http://{{ .x }}'}]
  - name: pager
    pagerduty_configs: [{routing_key: k, details: {a: {b: c}}, links: [{href: h, text: t}], class: c}]
    opsgenie_configs: [{responders: [{name: n, type: team}]}]
    victorops_configs: [{api_key: k, routing_key: r, custom_fields: {a: b}}]
    pushover_configs: [{user_key: u, token: t, retry: 1m, expire: 1h30m}]
  - name: chat
    slack_configs:
      - channel: '#x'
        fields: [{title: t, value: v, short: true}]
        actions: [{type: button, text: t, url: u, confirm: {text: sure}}]
    telegram_configs: [{bot_token: t, chat_id: -100}]
    discord_configs: [{webhook_url: 'https://discord/x'}]
    msteams_configs: [{webhook_url: 'https://teams/x'}]
    msteamsv2_configs: [{webhook_url_file: /x}]
    webex_configs: [{room_id: r, http_config: {authorization: {credentials: t}}}]
    sns_configs: [{topic_arn: arn, sigv4: {region: eu}}]
    jira_configs: [{api_url: 'https://jira/x', project: P, issue_type: Bug}]
    rocketchat_configs: [{token: t, token_id: i}]
    wechat_configs: [{api_secret: s, corp_id: c}]
    mattermost_configs: [{webhook_url: 'https://mm/x'}]
    incidentio_configs: [{url: 'https://incident/x', alert_source_token: t}]
"""


def findings(text: str) -> list[Problem]:
    return load_text(AlertmanagerConfig, text, file="a.yml", variables={}).problems


def test_a_full_file_is_accepted() -> None:
    assert [problem.render() for problem in findings(FULL)] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  receiver: default\n", "", 10, "root route must specify a default receiver"),
        ("receiver: default\n", "receiver: defalt\n", 10, "undefined receiver 'defalt' used in route"),
        ("[alertname, cluster]", "[a, b, a]", 11, "duplicated label 'a' in group_by"),
        ("['...']", "['...', a]", 21, "cannot have wildcard group_by"),
        ("repeat_interval: 4h", "repeat_interval: 0s", 14, "repeat_interval cannot be zero"),
        ("  group_wait: 30s", "  match: {a: b}", 12, "root route must not have any matchers"),
        ("  group_wait: 30s", "  continue: true", 12, "cannot have continue in root route"),
        ("  group_wait: 30s", "  mute_time_intervals: [office]", 12, "must not have any mute time"),
        ("[office]", "[offices]", 19, "undefined time interval 'offices' used in route"),
        ("severity=\"critical\", 'team", "severity, 'team", 17, "bad matcher format: severity"),
        ("a|b", "a(b", 17, "error parsing regexp"),
        ("'09:00'", "'9:00'", 28, "couldn't parse timestamp '9:00'"),
        ("'09:00'", "'18:00'", 28, "start time cannot be equal or greater than end time"),
        ("monday:friday", "friday:monday", 29, "comes after its end"),
        ("monday:friday", "mon", 29, "'mon' is not a valid weekday"),
        ("1:5", "0:5", 30, "0 is not a valid day of the month"),
        ("'-3:-1'", "'-3:5'", 30, "end day must be negative"),
        ("Europe/Berlin", "Europe/Bern1", 33, "unknown time zone 'Europe/Bern1'"),
        ("name: nights", "name: office", 26, "time interval 'office' is not unique"),
        ("[{name: nights", "[{name: ''", 34, "missing name in mute time interval"),
        ("match_re: {c: d.*}", "match_re: {c: }", 21, "invalid regexp value for 'c'"),
        ("target_matchers:", "target_match_re: {e: }, target_matchers:", 24, "invalid regexp value for 'e'"),
        ("- name: chat", "- name: pager", 44, "notification config name 'pager' is not unique"),
        ("  slack_api_url: https://hooks.slack.com/services/x\n", "", 45, "no Slack API URL nor App token set"),
        ("  smtp_smarthost: mail:25\n", "", 36, "no global SMTP smarthost set"),
        ("smtp_smarthost: mail:25", "smtp_smarthost: mail", 3, "missing port in address"),
        ("smtp_smarthost: mail:25", "smtp_smarthost: ''", 37, "no global SMTP smarthost set"),
        ("{to: x@y, ", "{", 37, "missing to address in email config"),
        ("{Subject: s}", "{Subject: s, subject: t}", 37, "duplicate header 'subject'"),
        ("routing_key: k, details", "details", 40, "missing service or routing key in PagerDuty config"),
        ("{topic_arn: arn, sigv4", "{sigv4", 54, "must provide either a Target ARN"),
        ("chat_id: -100", "parse_mode: X, chat_id: 1", 49, "unknown parse_mode on telegram_config"),
        ("url: 'http://x/y'", "url: ftp://x", 38, "unsupported scheme for URL <secret>"),
        ("custom_fields: {a: b}", "custom_fields: {entity_id: b}", 42, "which cannot be used"),
        ("group_wait: 30s", "group_wiat: 30s", 12, "unknown key 'group_wiat'"),
    ],
)  # fmt: skip
def test_files_that_alertmanager_refuses(old: str, new: str, line: int, message: str) -> None:
    assert old in FULL
    found = [p for p in findings(FULL.replace(old, new, 1)) if p.severity is Severity.ERROR]
    assert (line, True) in [(p.line, message in p.message) for p in found], found


def test_a_file_without_a_route_is_refused() -> None:
    assert [p.message for p in findings("receivers: [{name: a}]")] == ["no routes provided"]


def test_secrets_are_given_once() -> None:
    text = "global: {slack_api_url: 'https://x/y', slack_api_url_file: z}\nroute: {receiver: a}\n"
    (problem,) = findings(text + "receivers: [{name: a}]")
    assert problem.path == "global.slack_api_url_file"


SLACK = """\
global: {GLOBAL}
route: {receiver: a}
receivers: [{name: a, slack_configs: [{CONFIG}]}]
"""
WEB_API = "https://slack.com/api/chat.postMessage"


@pytest.mark.parametrize(
    ("shared", "config", "message"),
    [
        ("slack_app_token: t, slack_api_url: 'https://hooks/x'", "", "at most one of slack_app_token"),
        ("slack_app_token: t, slack_api_url_file: x", "", "at most one of slack_app_token"),
        (f"slack_app_token: t, slack_api_url: '{WEB_API}'", "", ""),
        (f"slack_api_url: '{WEB_API}'", "update_message: true", ""),
        ("slack_app_token: t", "update_message: true", ""),
        ("slack_api_url: 'https://hooks/x'", "update_message: true", "only be used with bot tokens"),
        ("", "app_token: t, http_config: {authorization: {credentials: c}}", "http authorization can't be set"),
        ("http_config: {authorization: {credentials: c}}, slack_app_token: t", "", "http authorization can't be set"),
        (f"slack_app_token: t, slack_api_url: '{WEB_API}'", "http_config: {authorization: {credentials: c}}", ""),
    ],
)  # fmt: skip
def test_ways_to_slack(shared: str, config: str, message: str) -> None:
    """As in Alertmanager, but for a global token, with which messages may be changed, too."""
    text = SLACK.replace("GLOBAL", shared).replace("CONFIG", config or "channel: c")
    found = [problem.message for problem in findings(text)]
    assert [message in one for one in found] == ([True] if message else [])
