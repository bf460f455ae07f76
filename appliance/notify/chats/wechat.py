"""The WeChat integration (Alertmanager, `<wechat_config>`; WeChat Work, `message/send`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from appliance.config.scalars import Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.addressing import below, templated_secret
from appliance.notify.http import check, masked_exchange, reason_of
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, IntegrationDeps, Renderer
    from appliance.notify.message import Message

_TOKEN_NS = 2 * 3600 * 10**9
#: WeChat's codes for a token that it does not know, or not any more.
_BAD_TOKEN = {40014, 42001}


@section
class WechatConfig(Notifier):
    """A message in WeChat."""

    send_resolved: bool = False
    api_secret: Secret | None = None
    api_secret_file: str = ""
    corp_id: str = ""
    message: str = '{{ template "wechat.default.message" . }}'
    message_type: str = "text"
    api_url: Url | None = None
    to_user: str = '{{ template "wechat.default.to_user" . }}'
    to_party: str = '{{ template "wechat.default.to_party" . }}'
    to_tag: str = '{{ template "wechat.default.to_tag" . }}'
    agent_id: str = '{{ template "wechat.default.agent_id" . }}'

    def check(self, report: Report) -> None:
        """A known kind of message."""
        Notifier.check(self, report)
        if self.message_type not in {"", "text", "markdown"}:
            message = (
                f'weChat message type "{self.message_type}" does not match valid options '
                "^(text|markdown)$"
            )
            report.error(self, "message_type", message, hint="one of text, markdown")


class Wechat(HttpIntegration[WechatConfig]):
    """Posts a message with a token that is kept for two hours."""

    kind: ClassVar[str] = "wechat"

    def __init__(self, config: WechatConfig, deps: IntegrationDeps, *, index: int) -> None:
        super().__init__(config, deps, index=index)
        self._token = ""
        self._token_ns = 0

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Ask for a token if need be, and post the message."""
        renderer = self.renderer(message, delivery)
        body = await composed(message, lambda: payload(self.config, renderer))
        token = await self._current_token(delivery, renderer)
        url = below(self.config.api_url, f"message/send?{urlencode({'access_token': token})}")
        answer = await self.post(delivery, url, json=body)
        if answer.status != 200:
            # Differs from other integrations, as in Alertmanager: whatever the code, try again.
            text = f"unexpected status code {answer.status}"
            raise NotifyFailed(text, is_retryable=True, reason=reason_of(answer.status))
        said = answer.json()
        code = said.get("errcode", 0) if isinstance(said, dict) else 0
        if code:
            if code in _BAD_TOKEN:
                self._token = ""
            text = str(said.get("errmsg", "")) or f"error {code}"
            raise NotifyFailed(text, is_retryable=code in _BAD_TOKEN)

    async def _current_token(self, delivery: Delivery, renderer: Renderer) -> str:
        now_ns = self.deps.clock.now_ns()
        if self._token and now_ns - self._token_ns <= _TOKEN_NS:
            return self._token
        corp_id = renderer.text(self.config.corp_id, instead="")
        query = {
            "corpid": corp_id,
            "corpsecret": templated_secret(self.secrets, "api_secret", renderer),
        }
        url = below(self.config.api_url, f"gettoken?{urlencode(query)}")
        answer = await self.post(delivery, url, method="GET")
        check(answer)
        said = answer.json()
        token = said.get("access_token") if isinstance(said, dict) else None
        if not token:
            message = f"invalid APISecret for CorpID: {self.config.corp_id}"
            raise NotifyFailed(message, is_retryable=False, reason="authError")
        self._token, self._token_ns = str(token), now_ns
        self.secrets.add("wechat.access_token", self._token)
        # Only now it is known what of the answer must not be recorded.
        delivery.exchanges[-1] = masked_exchange(delivery.exchanges[-1], self.secrets)
        return self._token


def payload(config: WechatConfig, renderer: Renderer) -> dict[str, Any]:
    """The body of the request; what is empty is left out, but for the texts."""
    text = renderer.text(config.message)
    is_markdown = config.message_type == "markdown"
    addressees = {
        "touser": renderer.text(config.to_user, instead=""),
        "toparty": renderer.text(config.to_party, instead=""),
        "totag": renderer.text(config.to_tag, instead=""),
        "agentid": renderer.text(config.agent_id, instead=""),
    }
    return {
        "text": {"content": "" if is_markdown else text},
        **{name: value for name, value in addressees.items() if value},
        "safe": "0",
        "msgtype": config.message_type or "text",
        "markdown": {"content": text if is_markdown else ""},
    }
