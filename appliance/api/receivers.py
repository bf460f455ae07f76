"""What the receivers of Zipkin and Jaeger over HTTP share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import require_token, tenant_of
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ingest.spans import TranslatedSpans
    from appliance.model.accepted import Accepted


@dataclass(frozen=True, slots=True)
class ReceiverDeps:
    """What a receiver needs."""

    door: TranslatedSpans


RECEIVER = web.AppKey("receiver", ReceiverDeps)


async def receive(
    request: web.Request, *, protocol: str, translate: Callable[[bytes], bytes]
) -> web.Response:
    """Store the spans of a request: 202 when at least one of them could be.

    Args:
        protocol: See `TranslatedSpans.accept`.
        translate: The same.

    Raises:
        BadInput: The body cannot be read, or every span of it was refused.
    """
    with sending(request, "traces", protocol) as sent:
        require_token(request)
        body = await body_of(request)
        door, tenant = request.app[RECEIVER].door, tenant_of(request)
        accepted = await door.accept(tenant, body, protocol=protocol, translate=translate)
        sent.took(accepted)
    require_some(accepted)
    return web.Response(status=202)


def require_some(accepted: Accepted) -> None:
    """What is refused in part cannot be told to these senders; what is refused altogether can.

    Raises:
        BadInput: Every span was refused.
    """
    if accepted.rejected_count and not accepted.count:
        raise BadInput(accepted.describe())
