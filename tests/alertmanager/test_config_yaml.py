"""The configuration in use as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.config_yaml import print_config
from appliance.config.load import load_text
from tests.alertmanager.corpus import cases


def printed(text: str, directory: str = "/etc/am") -> str:
    decoded = load_text(AlertmanagerConfig, text, file="alertmanager.yml")
    assert decoded.value is not None, decoded.problems
    return print_config(decoded.value, Path(directory))


def shown(text: str) -> Any:
    return yaml.safe_load(printed(text))


def test_defaults_are_filled_in() -> None:
    found = shown(
        "route: {receiver: r}\nreceivers: [{name: r, pushover_configs: [{user_key: u, token: t}]}]"
    )
    assert found["global"]["resolve_timeout"] == "5m"
    assert found["global"]["http_config"] == {"follow_redirects": True, "enable_http2": True}
    assert found["route"] == {"receiver": "r", "continue": False}
    assert found["templates"] == []
    (pushover,) = found["receivers"][0]["pushover_configs"]
    assert (pushover["retry"], pushover["expire"]) == ("1m0s", "1h0m0s")
    assert pushover["title"] == '{{ template "pushover.default.title" . }}'


def test_what_global_gives_stands_where_it_is_used() -> None:
    found = shown(
        "global: {slack_api_url: 'http://s/x', opsgenie_api_url: 'http://o/',"
        " opsgenie_api_key: k, http_config: {proxy_url: 'http://p'}}\n"
        "route: {receiver: r}\n"
        "receivers: [{name: r, slack_configs: [{channel: c}], opsgenie_configs: [{}]}]"
    )
    receiver = found["receivers"][0]
    assert receiver["slack_configs"][0]["api_url"] == "<secret>"
    assert receiver["opsgenie_configs"][0]["api_url"] == "http://o/"
    assert receiver["opsgenie_configs"][0]["http_config"]["proxy_url"] == "http://p"


def test_no_secret_is_shown() -> None:
    text = printed(
        "global: {smtp_auth_password: SECRET1, slack_api_url: 'http://s/SECRET2',"
        " http_config: {basic_auth: {username: u, password: SECRET3},"
        " http_headers: {X-A: {secrets: [SECRET4]}}}}\n"
        "route: {receiver: r}\n"
        "receivers:\n- name: r\n  webhook_configs: [{url: 'http://u:SECRET5@w:1/SECRET6?t=SECRET7'}]\n"
        "  slack_configs: [{channel: c, app_token: SECRET8, http_config: {}}]\n"
        "  pagerduty_configs: [{routing_key: SECRET9}]\n"
    )
    assert "SECRET" not in text
    assert "url: http://w:1/<secret>\n" in text


def test_addresses_without_their_passwords_are_addresses_still() -> None:
    found = shown(
        "global: {http_config: {proxy_url: 'http://me:SECRET1@p:3128'}}\n"
        "route: {receiver: r}\nreceivers: [{name: r}]"
    )
    assert found["global"]["http_config"]["proxy_url"] == "http://me:xxxxx@p:3128"


def test_keys_that_old_tools_do_not_know_are_left_out_unless_they_were_given() -> None:
    plain = printed(
        "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://w'}]}]"
    )
    given = printed(
        "route: {receiver: r, routes: [{labels: {a: b}}]}\n"
        "receivers: [{name: r, labels: {o: p}, webhook_configs: [{url: 'http://w', timeout: 90s}]}]"
    )
    for key in ("labels:", "timeout:", "smtp_tls_config", "rocketchat_api_url", "url_file"):
        assert key not in plain.replace("resolve_timeout:", "")
    assert "    timeout: 1m30s\n" in given
    assert given.count("labels:") == 2


def test_matchers_intervals_and_names_are_written_as_the_original_writes_them() -> None:
    text = printed(
        "route: {receiver: r, group_by: ['...'], group_wait: 90s, routes: [{matchers: ['a=b,c!~d'],"
        " mute_time_intervals: [i]}]}\n"
        "receivers: [{name: r}]\n"
        "time_intervals: [{name: i, time_intervals: [{times: [{start_time: '09:00', end_time:"
        " '24:00'}], weekdays: ['Monday:friday'], days_of_month: ['-3:-1'], months: [May],"
        " years: ['2030']}]}]"
    )
    assert '  - matchers:\n    - a="b"\n    - c!~"d"\n' in text
    assert "  group_by:\n  - '...'\n" in text
    assert "group_wait: 1m30s\n" in text
    assert '    - start_time: "09:00"\n      end_time: "24:00"\n' in text
    assert "weekdays: ['monday:friday']\n" in text
    assert 'months: ["5"]\n' in text
    assert "days_of_month: ['-3:-1']\n" in text


def test_names_of_files_are_told_from_the_root() -> None:
    found = shown(
        "route: {receiver: r}\ntemplates: [x.tmpl, /y/*.tmpl]\n"
        "receivers: [{name: r, webhook_configs: [{url: 'http://w',"
        " http_config: {bearer_token_file: t}}]}]"
    )
    assert found["templates"] == ["/etc/am/x.tmpl", "/y/*.tmpl"]
    http = found["receivers"][0]["webhook_configs"][0]["http_config"]
    assert http["bearer_token_file"] == "/etc/am/t"


def test_every_good_file_can_be_shown() -> None:
    for case in cases():
        if case.verdict in {"good", "newer"}:
            assert shown(case.text)["receivers"], case
