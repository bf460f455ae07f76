"""Nothing secret is shown."""

from __future__ import annotations

from pathlib import Path

from appliance.config.masked import flat_settings, mask_yaml
from appliance.settings.root import load

TEXT = """
scrape_configs:
- job_name: a
  metrics_path: /metrics
  basic_auth: {username: u, password: hunter2}
  authorization:
    credentials: hunter2
  oauth2: {client_id: i, client_secret: hunter2}
  bearer_token: hunter2
  proxy_connect_header: {X-Key: [hunter2]}
  http_headers: {X-Key: {values: [shown], secrets: [hunter2]}}
- job_name: b
  proxy_url: http://:hunter2@proxy:3128
  http_sd_configs: [{url: "http://u:p@hunter2@example.org/sd"}]
remote_write:
- url: https://user:hunter2@example.org/write
receivers:
- slack_configs: [{api_url: 'https://hooks.example.org/hunter2', channel: '#a'}]
  pagerduty_configs: [{service_key: hunter2}]
"""


def test_secrets_of_a_file_are_replaced_and_the_rest_stays() -> None:
    shown = mask_yaml(TEXT)
    assert "hunter2" not in shown
    for kept in (
        "job_name: a",
        "metrics_path: /metrics",
        "username: u",
        "example.org/write",
        "shown",
        "'#a'",
    ):
        assert kept in shown


def test_broken_yaml_shows_nothing() -> None:
    assert mask_yaml("a: [password: hunter2") == ""


def test_settings_are_flat_and_hide_the_token(tmp_path: Path) -> None:
    flags = {"auth.ingest_token": "hunter2", "listen.ui": "0.0.0.0:80"}
    settings, _ = load(None, flags=flags, environ={}, directory=tmp_path)
    shown = flat_settings(settings)
    assert shown["limits.concurrent_requests"] == "512"
    assert shown["storage.synchronous"] == "full"
    assert "hunter2" not in repr(shown)
