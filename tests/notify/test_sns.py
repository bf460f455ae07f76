"""SNS: signed `Publish` calls."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.sns import Sns, SnsConfig, parameters
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

LOGIN = "sigv4: {region: eu-west-1, access_key: AKID, secret_key: TheSecret1}"


def form(text: str, **options: Any) -> dict[str, str]:
    message = a_message(**options)
    return parameters(section_of(SnsConfig, text), message, renderer_of(message))


async def test_a_signed_call() -> None:
    async with receiving() as server, deps_of() as deps:
        text = f"""
            api_url: '{server.address}/{{{{ .Status }}}}'
            {LOGIN}
            topic_arn: 'arn:aws:sns:eu-west-1:1:t-{{{{ .CommonLabels.severity }}}}'
            attributes: {{sev: '{{{{ .CommonLabels.severity }}}}', '{{{{ "b" }}}}': c}}
        """
        integration = Sns(section_of(SnsConfig, text), deps, index=0)
        delivery = await sent(integration)
        await integration.resend(delivery.exchanges[0], delivery)
    request, again = server.requests
    assert request.path == "/firing"
    assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    login = request.headers["Authorization"]
    assert login.startswith("AWS4-HMAC-SHA256 Credential=AKID/20231114/eu-west-1/sns/aws4_request")
    found = request.form
    assert found.pop("Message").startswith("load <b>high</b>\n\nAlerts Firing:\nLabels:")
    assert found == {
        "Action": "Publish",
        "Version": "2010-03-31",
        "TopicArn": "arn:aws:sns:eu-west-1:1:t-page",
        "Subject": "[FIRING:1] HighLoad (n1 page)",
        "MessageAttributes.entry.1.Name": "sev",
        "MessageAttributes.entry.1.Value.DataType": "String",
        "MessageAttributes.entry.1.Value.StringValue": "page",
        "MessageAttributes.entry.2.Name": "b",
        "MessageAttributes.entry.2.Value.DataType": "String",
        "MessageAttributes.entry.2.Value.StringValue": "c",
    }
    assert (again.body, again.headers["Authorization"]) == (request.body, login)


def test_in_topics_with_an_order_a_group_keeps_its_place_and_copies_are_known() -> None:
    text = "topic_arn: 'arn:x.fifo'"
    firing, again, resolved = form(text), form(text), form(text, is_firing=False)
    assert len(firing["MessageGroupId"]) == 64
    assert firing["MessageGroupId"] == resolved["MessageGroupId"]
    assert firing["MessageDeduplicationId"] == again["MessageDeduplicationId"]
    assert firing["MessageDeduplicationId"] != resolved["MessageDeduplicationId"]
    assert "MessageGroupId" not in form("target_arn: 'arn:x.fifo'")


def test_messages_are_cut_and_say_so() -> None:
    text = "message: '{{ .CommonAnnotations.long }}', subject: ''"
    sms = form(f"{{phone_number: '+49', {text}}}", long="x" + "ä" * 2000)
    assert (sms["PhoneNumber"], len(sms["Message"].encode())) == ("+49", 1600 - 1)
    assert sms["MessageAttributes.entry.1.Name"] == "truncated"
    assert sms["MessageAttributes.entry.1.Value.StringValue"] == "true"
    assert "Subject" not in sms
    topic = form(f"{{target_arn: a, {text}}}", long="x" * 300_000)
    assert (topic["TargetArn"], len(topic["Message"])) == ("a", 262_144)


def test_a_subject_is_one_short_line() -> None:
    text = '{topic_arn: a, subject: "a\\n{{ .CommonAnnotations.long }}"}'
    found = form(text, long="b" * 200)["Subject"]
    assert (len(found), found[:3]) == (100, "a b")


@pytest.mark.parametrize("text", ["{}", "{topic_arn: a, target_arn: b}"])
def test_one_addressee_is_wanted(text: str) -> None:
    assert errors_of(SnsConfig, text) == [
        "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"
    ]
