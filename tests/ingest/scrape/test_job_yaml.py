"""A job as it is shown."""

from __future__ import annotations

from appliance.ingest.scrape.job_yaml import job_yaml
from tests.ingest.scrape.appender import job_of


def test_secrets_of_a_job_are_hidden_also_in_addresses() -> None:
    shown = job_yaml(
        job_of(
            "basic_auth: {username: u, password: hunter2}, proxy_url: 'http://u:hunter2@proxy:1',"
            " http_sd_configs: [{url: 'http://u:hunter2@example.org/sd'}]"
        )
    )
    assert "hunter2" not in shown
    assert "http://u:<secret>@example.org/sd" in shown
