"""Signatures, against the published test suite of AWS Signature Version 4."""

from __future__ import annotations

import pytest

from appliance.notify.aws.sigv4 import Credentials, Scope, signed_headers

LOGIN = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
#: 2015-08-30T12:36:00Z
SCOPE = Scope("us-east-1", "service", 1_440_938_160 * 10**9)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("url", "body", "headers", "signature"),
    [
        ("/", b"", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            *("/?Param1=value1", b"", {}),
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ),
        (
            *("/", b"Param1=value1", FORM),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_published_signatures(
    url: str, body: bytes, headers: dict[str, str], signature: str
) -> None:
    url = f"https://example.amazonaws.com{url}"
    signed = signed_headers(url, body, LOGIN, scope=SCOPE, headers=headers)
    assert signed["X-Amz-Date"] == "20150830T123600Z"
    assert signed["Authorization"].endswith(f"Signature={signature}")
    assert "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request" in signed["Authorization"]


def test_a_session_and_a_port_are_signed() -> None:
    login = LOGIN._replace(session_token="tok")
    plain, other = (
        signed_headers(f"http://[::1]:{port}/", b"", login, scope=SCOPE, headers=FORM)
        for port in (80, 8080)
    )
    assert plain["X-Amz-Security-Token"] == "tok"
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-sec" in plain["Authorization"]
    assert plain["Authorization"] != other["Authorization"]
