"""Asks services of AWS as the login of a section, or as the role that is assumed with it."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from appliance.base.errors import BadInput
from appliance.notify.aws.environment import domain, find_credentials, find_endpoint, find_region
from appliance.notify.aws.sigv4 import Credentials, Scope, signed_headers
from appliance.notify.http import check, post
from appliance.notify.integration import Delivery, NotifyFailed

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.http_client.client import HttpClient
    from appliance.notify.aws.section import SigV4Config
    from appliance.notify.http import Answer
    from appliance.notify.secrets import Secrets

_FORM = "application/x-www-form-urlencoded; charset=utf-8"
#: A role's login is given up this long before it ends.
_EARLY_NS = 60 * 10**9


class Caller:
    """Sends signed forms.

    Args:
        secrets: Is told of logins that were found elsewhere, so that no record shows them.
    """

    def __init__(
        self, config: SigV4Config, http: HttpClient, clock: Clock, *, secrets: Secrets
    ) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._secrets = secrets
        self._role: Credentials | None = None

    async def call(self, delivery: Delivery, service: str, body: bytes, *, url: str) -> None:
        """Send a form.

        Args:
            service: As in the name of its host.
            url: Where it is; empty for the usual place of the region.

        Raises:
            NotifyFailed: It was refused, or there is no login or no region.
        """
        try:
            region = find_region(self._config.region, self._config.profile, url)
            login = await self._login(delivery, region)
        except BadInput as error:
            raise NotifyFailed(error.message, is_retryable=False, reason="authError") from error
        url = url or _place(service, service, region)
        await self._send(delivery, url, body, login=login, scope=self._scope(region, service))

    def _scope(self, region: str, service: str) -> Scope:
        return Scope(region, service, self._clock.now_ns())

    async def _send(
        self, delivery: Delivery, url: str, body: bytes, *, login: Credentials, scope: Scope
    ) -> Answer:
        given = {"Content-Type": _FORM}
        headers = signed_headers(url, body, login, scope=scope, headers=given)
        answer = await post(
            self._http, delivery, url, body=body, headers=headers, secrets=self._secrets
        )
        check(answer, details=_element(answer, "Message") or answer.text)
        return answer

    async def _login(self, delivery: Delivery, region: str) -> Credentials:
        """Who we are; a role stays until shortly before it ends.

        Raises:
            BadInput: Nobody.
        """
        if self._role and self._clock.now_ns() < self._role.expires_ns - _EARLY_NS:
            return self._role
        config = self._config
        if config.access_key and config.secret_key:
            login = Credentials(config.access_key, config.secret_key.reveal())
        else:
            login = self._hidden(find_credentials(config.profile), "found")
        if config.role_arn:
            self._role = login = self._hidden(await self._assumed(delivery, login, region), "role")
        return login

    async def _assumed(self, delivery: Delivery, login: Credentials, region: str) -> Credentials:
        """The role's login (AWS STS, `AssumeRole` 2011-06-15)."""
        config, scope = self._config, self._scope(region, "sts")
        form = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": config.role_arn,
            "RoleSessionName": f"alertmanager-{scope.now_ns}",
        }
        form |= {"ExternalId": config.external_id} if config.external_id else {}
        url = _place("sts", "sts-fips" if config.use_fips_sts_endpoint else "sts", region)
        # The answer is a login: it must not be recorded.
        apart = Delivery(timeout_seconds=delivery.timeout_seconds, clock=delivery.clock)
        answer = await self._send(apart, url, urlencode(form).encode(), login=login, scope=scope)
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        access_key, secret_key, session_token, ends = (_element(answer, name) for name in names)
        if not access_key or not secret_key or not ends:
            raise NotifyFailed(f"no credentials for role {config.role_arn}", is_retryable=True)
        expires_ns = int(dt.datetime.fromisoformat(ends).timestamp()) * 10**9
        return Credentials(access_key, secret_key, session_token, expires_ns)

    def _hidden(self, login: Credentials, name: str) -> Credentials:
        self._secrets.add(f"sigv4.{name}_secret_key", login.secret_key)
        self._secrets.add(f"sigv4.{name}_session_token", login.session_token)
        return login


def _place(service: str, host: str, region: str) -> str:
    return find_endpoint(service, f"https://{host}.{region}.{domain(region)}/")


def _element(answer: Answer, name: str) -> str:
    """The text of the first element of a name."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", answer.text)
    return unescape(found[1]).strip() if found else ""
