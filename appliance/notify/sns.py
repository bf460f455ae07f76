"""The AWS SNS integration (Alertmanager, `<sns_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class SigV4Config:
    """Login to AWS."""

    region: str = ""
    access_key: str = ""
    secret_key: Secret | None = None
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    use_fips_sts_endpoint: bool = False


@section
class SnsConfig(Notifier):
    """A message through AWS SNS."""

    api_url: str = ""
    sigv4: SigV4Config = SigV4Config()
    topic_arn: str = ""
    phone_number: str = ""
    target_arn: str = ""
    subject: str = ""
    message: str = ""
    attributes: dict[str, str] = key(default_factory=dict)
    use_aws_http_client: bool = False

    def check(self, report: Report) -> None:
        """Exactly one addressee."""
        Notifier.check(self, report)
        given = [n for n in ("topic_arn", "phone_number", "target_arn") if getattr(self, n)]
        if len(given) != 1:
            message = "must provide exactly one of target_arn, topic_arn or phone_number"
            report.error(self, given[1] if given else (), message)
