"""The section `sigv4`."""

from __future__ import annotations

import pytest

from appliance.notify.aws.section import SigV4Config
from tests.notify.receiving import errors_of

PAIR = (
    "must provide a AWS SigV4 Access key and Secret Key if credentials are specified "
    "in the SigV4 config"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{region: r}", []),
        ("{access_key: a, secret_key: b, role_arn: r, external_id: e}", []),
        (
            "{access_key: a}",
            [PAIR],
        ),
        ("{external_id: e}", ["external_id can only be used with role_arn"]),
    ],
)
def test_what_belongs_together(text: str, expected: list[str]) -> None:
    assert errors_of(SigV4Config, text) == expected
