"""Requests of integrations: sent, recorded without their secrets, and judged as Alertmanager does.

2xx is success; 5xx and what does not get through at all is tried again, other answers are not
unless the integration says so (Alertmanager 0.34, `notify/util.go`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput, TimedOut, Unavailable
from appliance.config.secret import mask_url_passwords
from appliance.notify.integration import Exchange, NotifyFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import aiohttp

    from appliance.http_client.client import HttpClient
    from appliance.notify.integration import Delivery
    from appliance.notify.secrets import Secrets

#: What receivers see; the version is Alertmanager's whose messages these are.
USER_AGENT = "Alertmanager/0.34.0"
JSON = "application/json"
#: Of an answer, this much is read.
_ANSWER_BYTES = 1 << 20
#: Of a request and of an answer, this much is recorded.
RECORDED_CHARS = 64 << 10
#: What stands at the end of a text that was cut.
CUT = "… [cut]"
#: More than any secret is long.
_MARGIN = 8 << 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `headers` by their names in lower case.

    Attributes:
        mask: Takes secrets out of a text: servers repeat what they are asked in their errors.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    mask: Callable[[str], str] = field(default=mask_url_passwords, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def is_json(self) -> bool:
        """Whether it says of itself that it is JSON."""
        return self.headers.get("content-type", "").startswith(JSON)

    def json(self) -> Any:
        """The body decoded.

        Raises:
            NotifyFailed: It is not JSON; another attempt may do better.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            message = (
                f"could not unmarshal JSON response {_go_quoted(self.mask(self.text))}: {error}"
            )
            raise NotifyFailed(message, is_retryable=True) from error


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request before it is sent."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


async def post(  # noqa: PLR0913 - keywords only: what HTTP knows
    client: HttpClient,
    delivery: Delivery,
    url: str,
    *,
    json: Any = None,
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    timeout_seconds: float | None = None,
    secrets: Secrets | None = None,
) -> Answer:
    """Send one request and read its answer; both are recorded in `delivery.exchanges`.

    Args:
        json: Sent as JSON, with that content type; alternatively
        body: sent as it is.
        timeout_seconds: Less than what the flush leaves, if given.
        secrets: What must not be recorded; given, too, in errors.

    Raises:
        NotifyFailed: There is no answer; another attempt may do better.
    """
    data = b"" if body is None else body.encode() if isinstance(body, str) else body
    given = dict(headers or {})
    if json is not None:
        data = orjson.dumps(json, option=orjson.OPT_NON_STR_KEYS)
        given.setdefault("Content-Type", JSON)
    outgoing = Outgoing(method, url, data, {"User-Agent": USER_AGENT, **given})
    return await send(client, delivery, outgoing, timeout_seconds=timeout_seconds, secrets=secrets)


async def send(
    client: HttpClient,
    delivery: Delivery,
    outgoing: Outgoing,
    *,
    timeout_seconds: float | None = None,
    secrets: Secrets | None = None,
) -> Answer:
    """Send one request and read its answer; see `post`."""
    left = delivery.timeout_seconds
    limit = min(timeout_seconds, left) if timeout_seconds else left
    started = delivery.clock.monotonic()
    answer, failure = None, None
    try:
        answer = await _exchange(client, outgoing, limit)
    except (TimedOut, Unavailable, BadInput) as error:
        failure = error
    exchange = _exchanged(outgoing, answer, failure, delivery.clock.monotonic() - started)
    delivery.exchanges.append(masked_exchange(exchange, secrets))
    if failure is None and answer is not None:
        return replace(answer, mask=secrets.mask) if secrets is not None else answer
    text = delivery.exchanges[-1].error
    is_timeout = isinstance(failure, TimedOut)
    is_late = is_timeout and limit >= left
    raise NotifyFailed(
        text,
        is_retryable=not isinstance(failure, BadInput),
        reason="contextDeadlineExceeded" if is_late else "other",
    ) from None


async def _exchange(client: HttpClient, outgoing: Outgoing, limit: float) -> Answer:
    async with client.request(
        outgoing.url,
        method=outgoing.method,
        headers=outgoing.headers,
        data=outgoing.body or None,
        timeout_seconds=max(limit, 0.001),
    ) as response:
        body = await _read(response, _ANSWER_BYTES)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, body, headers)


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """So many bytes of a body, or all if it is shorter."""
    found = bytearray()
    while len(found) < limit:
        chunk = await response.content.read(limit - len(found))
        if not chunk:
            break
        found += chunk
    return bytes(found)


def check(
    answer: Answer, *, retry_on: Collection[int] = (), details: str | None = None, prefix: str = ""
) -> None:
    """Judge an answer by its status.

    Args:
        retry_on: Codes that are worth another attempt, besides 5xx.
        details: What the error says instead of the body.
        prefix: What comes before the error, such as `channel "#a": `.

    Raises:
        NotifyFailed: Not 2xx.
    """
    status = answer.status
    if status // 100 == 2:
        return
    said = answer.mask(answer.text if details is None else details)
    raise NotifyFailed(
        f"{prefix}unexpected status code {status}" + (f": {said}" if said else ""),
        is_retryable=status // 100 == 5 or status in retry_on,
        reason=reason_of(status),
        retry_after_seconds=retry_after(answer) if status in {429, 503} else None,
    )


def reason_of(status: int) -> str:
    """The label `reason` of a failure by the status of the answer."""
    if status in {401, 403}:
        return "authError"
    if status == 429:
        return "rateLimited"
    return {4: "clientError", 5: "serverError"}.get(status // 100, "other")


def retry_after(answer: Answer) -> float | None:
    """Seconds of the header `Retry-After`; None for a date and for what is not understood."""
    try:
        seconds = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def truncated(text: str, runes: int) -> str:
    """A text of at most so many characters; what was cut ends in an ellipsis."""
    if len(text) <= runes:
        return text
    return text[:runes] if runes <= 3 else text[: runes - 1] + "…"


def truncated_bytes(text: str, limit: int) -> str:
    """A text of at most so many bytes in UTF-8; what was cut ends in an ellipsis."""
    data = text.encode()
    if len(data) <= limit:
        return text
    if limit <= 3:
        return "…" if limit == 3 else "." * limit
    return data[: limit - 3].decode("utf-8", "ignore") + "…"


def _exchanged(
    outgoing: Outgoing, answer: Answer | None, failure: Exception | None, seconds: float
) -> Exchange:
    return Exchange(
        method=outgoing.method,
        url=outgoing.url,
        headers=outgoing.headers,
        body=outgoing.body.decode("utf-8", "replace"),
        status=answer.status if answer else 0,
        answer=answer.text if answer else "",
        error=str(failure) if failure else "",
        seconds=seconds,
    )


def masked_exchange(exchange: Exchange, secrets: Secrets | None) -> Exchange:
    """An exchange as it may be recorded: without secrets, long texts cut."""
    mask = secrets.mask if secrets is not None else mask_url_passwords
    return replace(
        exchange,
        url=mask(exchange.url),
        headers={name: mask(value) for name, value in exchange.headers.items()},
        body=_shown(exchange.body, mask),
        answer=_shown(exchange.answer, mask),
        error=mask(exchange.error),
    )


def _shown(text: str, mask: Callable[[str], str]) -> str:
    """A text masked and cut; half a secret where it was cut goes with the margin."""
    if len(text) <= RECORDED_CHARS:
        return mask(text)
    shown = mask(text[: RECORDED_CHARS + _MARGIN])[:-_MARGIN]
    return shown[:RECORDED_CHARS] + CUT


def _go_quoted(text: str) -> str:
    return orjson.dumps(text).decode()
