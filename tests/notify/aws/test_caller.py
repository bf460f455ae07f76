"""Logins to AWS, and roles that are assumed."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.clock import ManualClock
from appliance.notify.aws.caller import Caller
from appliance.notify.aws.section import SigV4Config
from appliance.notify.integration import Delivery, NotifyFailed
from appliance.notify.secrets import Secrets
from tests.notify.receiving import NOW_MS, Request, deps_of, receiving, section_of

ROLE = """
<AssumeRoleResponse><AssumeRoleResult><Credentials>
  <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>RoleSecret12</SecretAccessKey>
  <SessionToken>RoleSession12</SessionToken><Expiration>2023-11-14T23:13:20Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""
REFUSED = "<ErrorResponse><Error><Code>X</Code><Message>not &lt;you&gt;</Message></Error>"


def answer(request: Request) -> tuple[int, Any]:
    return 200, ROLE if request.path == "/sts" else "<PublishResponse/>"


async def test_a_role_is_kept_until_shortly_before_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock(NOW_MS)  # 22:13:20, an hour before the end
    config = section_of(
        SigV4Config,
        "{region: eu-west-1, access_key: AKID, secret_key: TheSecret1, role_arn: R, "
        "external_id: E}",
    )
    async with receiving() as server, deps_of(clock=clock) as deps:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{server.address}/sts")
        server.usual = answer
        caller = Caller(config, deps.http, clock, secrets=Secrets(config, deps.directory))
        delivery = Delivery()
        for wait in (0, 3539, 1):
            await clock.advance(wait)
            await caller.call(delivery, "sns", b"Action=Publish", url=f"{server.address}/sns")
    assert server.paths == [
        *("POST /sts", "POST /sns", "POST /sns", "POST /sts", "POST /sns"),
    ]
    assume, publish = server.requests[:2]
    assert assume.form["RoleArn"] == "R"
    assert assume.form["ExternalId"] == "E"
    assert "Credential=AKID/20231114/eu-west-1/sts/" in assume.headers["Authorization"]
    assert "Credential=ASIAROLE/20231114/eu-west-1/sns/" in publish.headers["Authorization"]
    assert publish.headers["X-Amz-Security-Token"] == "RoleSession12"
    recorded = repr(delivery.exchanges)
    assert len(delivery.exchanges) == 3
    assert "RoleSession12" not in recorded
    assert "RoleSecret12" not in recorded


async def test_the_login_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    config = SigV4Config(region="eu-west-1")
    async with receiving() as server, deps_of() as deps:
        caller = Caller(config, deps.http, deps.clock, secrets=Secrets(config, deps.directory))
        await caller.call(Delivery(), "sns", b"", url=server.address)
    assert "Credential=AKENV/" in server.requests[0].headers["Authorization"]


@pytest.mark.parametrize(
    ("text", "message", "is_retryable"),
    [
        ("{region: r, access_key: a, secret_key: b}", "status code 403: not <you>", False),
        ("{region: r, profile: none}", "no AWS credentials of profile 'none'", False),
    ],
)
async def test_refusals(text: str, message: str, is_retryable: bool) -> None:  # noqa: FBT001 - a table
    config = section_of(SigV4Config, text)
    async with receiving() as server, deps_of() as deps:
        server.answers = [(403, REFUSED)]
        caller = Caller(config, deps.http, deps.clock, secrets=Secrets(config, deps.directory))
        with pytest.raises(NotifyFailed, match=message) as failed:
            await caller.call(Delivery(), "sns", b"", url=server.address)
    assert (failed.value.is_retryable, failed.value.reason) == (is_retryable, "authError")
