"""What integrations over HTTP have in common: one client, secrets, a request sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from appliance.base.tasks import run
from appliance.notify.http import Answer, Outgoing, check, post, send
from appliance.notify.secrets import Secrets
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.notify.integration import Delivery, Exchange, IntegrationDeps, Renderer
    from appliance.notify.message import Message

C = TypeVar("C", bound=Notifier)
T = TypeVar("T")
#: Messages about more alerts are composed in a thread: rendering takes up to 0.5 ms an alert.
OFFLOADED_ALERTS = 40


async def composed(message: Message, compose: Callable[[], T]) -> T:
    """What a function makes of a message; when it is about many alerts, in a thread."""
    return await run(compose, offloaded=len(message.alerts) > OFFLOADED_ALERTS)


class HttpIntegration(Generic[C]):
    """Sends by HTTP; those who inherit give `kind` and `send`.

    Args:
        config: The resolved section; what `global` gives is filled in.
        deps: Its `http` sends as the section's `http_config` says.
        index: The number among those of its kind in the receiver.
    """

    kind: ClassVar[str]

    def __init__(self, config: C, deps: IntegrationDeps, *, index: int) -> None:
        self.config = config
        self.deps = deps
        self.index = index
        self.send_resolved = config.send_resolved
        self.secrets = Secrets(config, deps.directory)

    def renderer(self, message: Message, delivery: Delivery) -> Renderer:
        """What renders the section's templates for a message."""
        return self.deps.templates.renderer(message, is_fallback=delivery.is_fallback)

    async def post(
        self,
        delivery: Delivery,
        url: str,
        *,
        json: Any = None,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Answer:
        """Send one request within the section's `timeout`, if it has one; see `http.post`."""
        timeout = getattr(self.config, "timeout", None)
        return await post(
            self.deps.http,
            delivery,
            url,
            json=json,
            body=body,
            headers=headers,
            method=method,
            timeout_seconds=timeout.seconds if timeout else None,
            secrets=self.secrets,
        )

    async def resend(self, exchange: Exchange, delivery: Delivery) -> None:
        """Send a recorded request again, with today's secrets.

        Raises:
            NotifyFailed: It was not delivered, or a secret in it is not known any more.
        """
        reveal = self.secrets.reveal
        headers = {name: reveal(value) for name, value in exchange.headers.items()}
        body = reveal(exchange.body).encode()
        outgoing = Outgoing(exchange.method, reveal(exchange.url), body, headers)
        check(await send(self.deps.http, delivery, outgoing, secrets=self.secrets))
