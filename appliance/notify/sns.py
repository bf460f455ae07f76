"""The AWS SNS integration (Alertmanager, `<sns_config>`; Amazon SNS, `Publish` 2010-03-31).

Credentials are those of `sigv4`, of a profile or of the environment, or a role that is assumed with
them; see `aws/environment.py` for what is not asked.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from appliance.config.schema import key, section
from appliance.notify.addressing import group_hash, headline
from appliance.notify.aws.section import SigV4Config
from appliance.notify.http import truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Exchange, IntegrationDeps, Renderer
    from appliance.notify.message import Message

_BYTES, _SMS_BYTES = 256 * 1024, 1600
_SUBJECT_RUNES = 100


@section
class SnsConfig(Notifier):
    """A message through AWS SNS; `use_aws_http_client` is accepted and has no effect."""

    api_url: str = ""
    sigv4: SigV4Config = SigV4Config()
    topic_arn: str = ""
    phone_number: str = ""
    target_arn: str = ""
    subject: str = '{{ template "sns.default.subject" . }}'
    message: str = '{{ template "sns.default.message" . }}'
    attributes: dict[str, str] = key(default_factory=dict)
    use_aws_http_client: bool = False

    def check(self, report: Report) -> None:
        """Exactly one addressee."""
        Notifier.check(self, report)
        given = [n for n in ("topic_arn", "phone_number", "target_arn") if getattr(self, n)]
        if len(given) != 1:
            message = "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"
            report.error(self, given[1] if given else (), message)


class Sns(HttpIntegration[SnsConfig]):
    """Publishes to a topic, an endpoint or a telephone."""

    kind: ClassVar[str] = "sns"

    def __init__(self, config: SnsConfig, deps: IntegrationDeps, *, index: int) -> None:
        from appliance.notify.aws.caller import Caller  # noqa: PLC0415 - AWS is rare

        super().__init__(config, deps, index=index)
        self._caller = Caller(config.sigv4, deps.http, deps.clock, secrets=self.secrets)

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Publish the message."""
        renderer = self.renderer(message, delivery)
        url = renderer.text(self.config.api_url, instead=self.config.api_url)
        form = await composed(message, lambda: parameters(self.config, message, renderer))
        body = urlencode(form).encode()
        await self._caller.call(delivery, "sns", body, url=url)

    async def resend(self, exchange: Exchange, delivery: Delivery) -> None:
        """Publish what was recorded; AWS takes only signatures of now."""
        body = self.secrets.reveal(exchange.body).encode()
        await self._caller.call(delivery, "sns", body, url=exchange.url)


def parameters(config: SnsConfig, message: Message, renderer: Renderer) -> dict[str, str]:
    """The form of a `Publish`."""
    form = {"Action": "Publish", "Version": "2010-03-31"}
    attributes = {
        renderer.text(name, instead=name): renderer.text(text, instead="")
        for name, text in sorted(config.attributes.items())
    }
    if config.topic_arn:
        form["TopicArn"] = renderer.text(config.topic_arn, instead="")
    if config.phone_number:
        form["PhoneNumber"] = renderer.text(config.phone_number, instead="")
    if config.target_arn:
        form["TargetArn"] = renderer.text(config.target_arn, instead="")
    text = renderer.text(config.message).encode()
    limit = _SMS_BYTES if config.phone_number else _BYTES
    if len(text) > limit:
        attributes["truncated"] = "true"
    form["Message"] = text[:limit].decode("utf-8", "ignore")
    if config.subject:
        subject = renderer.text(config.subject, instead=headline(message))
        # Differs from Alertmanager: AWS refuses longer ones, and those of several lines.
        form["Subject"] = truncated(" ".join(subject.splitlines()), _SUBJECT_RUNES)
    if form.get("TopicArn", "").endswith(".fifo"):
        form["MessageGroupId"] = group_hash(message)
        # Differs from Alertmanager, which gives the group's hash here, too: what is told of a group
        # within five minutes, such as its end, would be taken for a copy and lost.
        said = f"{form['MessageGroupId']}{form.get('Subject', '')}{form['Message']}"
        form["MessageDeduplicationId"] = hashlib.sha256(said.encode()).hexdigest()
    for number, (name, value) in enumerate(attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": name, f"{entry}.Value.DataType": "String"}
        form[f"{entry}.Value.StringValue"] = value
    return form
