"""Login to AWS (Prometheus, configuration, `sigv4`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.schema import section
from appliance.config.secret import Secret

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

    def check(self, report: Report) -> None:
        """Both halves of a login, and what goes with a role."""
        if bool(self.access_key) != bool(self.secret_key):
            message = (
                "must provide a AWS SigV4 Access key and Secret Key if credentials are specified "
                "in the SigV4 config"
            )
            report.error(self, (), message, code="missing-key")
        if self.external_id and not self.role_arn:
            report.error(self, "external_id", "external_id can only be used with role_arn")
