"""Secrets of sections: read when sent, masked where shown, put back when sent again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.config.http_client import Authorization, BasicAuth, HttpClientConfig
from appliance.config.scalars import SecretUrl
from appliance.config.secret import Secret
from appliance.notify.chats.slack import SlackConfig
from appliance.notify.integration import NotifyFailed
from appliance.notify.pagers.pagerduty import PagerdutyConfig
from appliance.notify.secrets import Secrets

HOOK = "https://hooks.slack.com/services/T000/B000/abcdefgh"


def test_a_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(" first-key-1\n")
    secrets = Secrets(PagerdutyConfig(routing_key_file="key"), tmp_path)
    assert secrets.get("routing_key") == "first-key-1"
    assert secrets.mask("it was first-key-1") == "it was <secret:routing_key>"
    file.write_text("second-key-2")
    assert secrets.get("routing_key") == "second-key-2"
    assert secrets.reveal('{"k":"<secret:routing_key>"}') == '{"k":"second-key-2"}'


def test_secrets_of_requests_under_way_stay_masked() -> None:
    secrets = Secrets(PagerdutyConfig(routing_key=Secret("{{ .GroupLabels.key }}")), Path())
    for number in range(100):
        secrets.add("routing_key", f"key-of-team-{number}")
    shown = secrets.mask("key-of-team-0, key-of-team-57, key-of-team-99")
    assert shown == ", ".join(["<secret:routing_key>"] * 3)
    assert secrets.mask("{{ .GroupLabels.key }}") == "{{ .GroupLabels.key }}"
    for number in range(1000):
        secrets.add("routing_key", f"key-of-team-{number}")
    assert len(secrets._former) == 200


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    secrets = Secrets(PagerdutyConfig(routing_key_file="none"), tmp_path)
    with pytest.raises(NotifyFailed, match=r"routing_key_file 'none': no such file") as caught:
        secrets.get("routing_key")
    assert not caught.value.is_retryable


def test_an_address_without_a_path_is_masked_once() -> None:
    secrets = Secrets(SlackConfig(api_url=SecretUrl("http://hooks.test:9/")), Path())
    once = secrets.mask('Post "http://hooks.test:9/": refused')
    assert once == 'Post "http://hooks.test:9/<secret:api_url>": refused'
    assert secrets.mask(once) == once
    assert secrets.reveal(once) == 'Post "http://hooks.test:9/": refused'


def test_of_an_address_the_host_is_shown() -> None:
    secrets = Secrets(SlackConfig(api_url=SecretUrl(HOOK)), Path())
    shown = secrets.mask(f"Post {HOOK}: no; services/T000/B000/abcdefgh")
    assert shown == "Post https://hooks.slack.com/<secret:api_url>: no; <secret:api_url>"
    assert secrets.reveal("https://hooks.slack.com/<secret:api_url>") == HOOK


def test_logins_of_http_config_are_secret_too() -> None:
    http = HttpClientConfig(
        authorization=Authorization(credentials=Secret("bearer-1234")),
        basic_auth=BasicAuth(username="u", password=Secret("hunter22")),
    )
    secrets = Secrets(SlackConfig(http_config=http), Path())
    assert "1234" not in secrets.mask("Bearer bearer-1234")
    assert "hunter22" not in secrets.mask("u:hunter22")


def test_short_secrets_are_masked_where_they_stand_alone() -> None:
    secrets = Secrets(PagerdutyConfig(routing_key=Secret("R")), Path())
    assert secrets.mask('{"routing_key":"R","a":"ROAR"}') == (
        '{"routing_key":"<secret:routing_key>","a":"ROAR"}'
    )


def test_what_a_template_made_cannot_be_put_back_after_a_restart() -> None:
    config = PagerdutyConfig(routing_key=Secret("{{ .CommonLabels.team }}-key"))
    secrets = Secrets(config, Path())
    secrets.add("routing_key", "ops-key-99")
    assert secrets.mask("ops-key-99") == "<secret:routing_key>"
    assert secrets.reveal("<secret:routing_key>") == "ops-key-99"
    with pytest.raises(NotifyFailed, match="made by a template"):
        Secrets(config, Path()).reveal("<secret:routing_key>")


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="<>{}"), min_size=8, max_size=20),
    st.text(st.characters(codec="utf-8", exclude_characters="<>{}"), max_size=20),
)
def test_what_is_masked_comes_back(secret: str, around: str) -> None:
    secrets = Secrets(PagerdutyConfig(routing_key=Secret(secret)), Path())
    text = f"{around}|{secret}|{around}"
    masked = secrets.mask(text)
    if secret not in around and secret not in f"|{around}":
        assert secret not in masked
        assert secrets.reveal(masked) == text
