"""How notifications are called and addressed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from appliance.config.secret import Secret
from appliance.notify.addressing import below, group_hash, headline, templated_secret
from appliance.notify.integration import TemplateFailed
from appliance.notify.pagers.opsgenie import OpsgenieConfig
from appliance.notify.secrets import Secrets
from tests.notify.receiving import a_message, an_alert, renderer_of


def test_a_group_is_called_by_the_hash_of_its_key() -> None:
    expected = hashlib.sha256(b'{}:{alertname="HighLoad"}').hexdigest()
    assert group_hash(a_message()) == expected


def test_headlines() -> None:
    several = [an_alert(annotations={}, alertname=name) for name in ("B", "A", "B")]
    assert headline(a_message(alerts=several)) == "[FIRING:3] A B"
    assert headline(a_message(is_firing=False)) == "[RESOLVED] HighLoad"


@pytest.mark.parametrize("url", ["http://x/a", "http://x/a/"])
def test_addresses_end_in_a_slash_or_not(url: str) -> None:
    assert below(url, "b/c") == "http://x/a/b/c"


def test_what_a_templated_secret_gives_is_masked() -> None:
    config = OpsgenieConfig(api_key=Secret("key-of-{{ .CommonLabels.severity }}"))
    secrets = Secrets(config, Path())
    assert templated_secret(secrets, "api_key", renderer_of(a_message())) == "key-of-page"
    assert secrets.mask("GenieKey key-of-page") == "GenieKey <secret:api_key>"


def test_a_secret_that_cannot_be_rendered_is_left_out_of_a_fallback() -> None:
    secrets = Secrets(OpsgenieConfig(api_key=Secret("{{ .No.Thing }}")), Path())
    with pytest.raises(TemplateFailed):
        templated_secret(secrets, "api_key", renderer_of(a_message()))
    fallback = renderer_of(a_message(), is_fallback=True)
    assert templated_secret(secrets, "api_key", fallback) == ""
