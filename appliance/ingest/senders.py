"""Who sends what: one row per sender, fed by the doors, for the page that shows it.

Invariants: a request costs one look-up and a few additions, whatever it holds; at most `limit`
senders are remembered, and the one that has been quiet for the longest gives way to a new one.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.accepted import Origin

#: Senders that are remembered.
MOST_SENDERS = 1_000
#: Services and reasons that are remembered of a sender.
MOST_SERVICES, MOST_REASONS = 20, 8
_REASON_CHARS = 500


class SenderKey(NamedTuple):
    """What senders are told apart by.

    Attributes:
        signal: `metrics`, `logs` or `traces`.
        protocol: Such as `otlp_http`, `loki`, `remote_write_v2`.
        remote: Address without port; empty where it is not known.
        agent: The program, as it says of itself.
        service: Of the sent data; empty where that is not known, or where it is several.
        sdk: Name and version, such as `opentelemetry 1.27.0 (python)`.
    """

    signal: str
    protocol: str
    tenant: str
    remote: str
    agent: str
    service: str = ""
    sdk: str = ""


@dataclass(slots=True)
class Reason:
    """Why something was refused."""

    text: str
    count: int
    last_ms: int


@dataclass(slots=True)
class Sender:
    """What a sender has sent since the start of the process.

    Attributes:
        requests, failures: All, and those that were refused as a whole.
        items, rejected: Samples, lines or spans that were stored, and single ones that were not.
        size_bytes: Of the bodies, after decompression.
        services: All that were seen, for senders that send for several; the first ones.
        reasons: Why items or requests were refused; the latest ones.
    """

    key: SenderKey
    first_ms: int
    last_ms: int = 0
    requests: int = 0
    failures: int = 0
    items: int = 0
    rejected: int = 0
    size_bytes: int = 0
    services: dict[str, None] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)


class Senders:
    """See the module's docstring; used on the event loop only.

    Attributes:
        forgotten: Senders that gave way to others.
    """

    def __init__(self, limit: int = MOST_SENDERS) -> None:
        self._limit = limit
        self._rows: OrderedDict[SenderKey, Sender] = OrderedDict()
        self.forgotten = 0

    def note(
        self,
        key: SenderKey,
        now_ms: int,
        *,
        items: int = 0,
        rejected: int = 0,
        size_bytes: int = 0,
        failed: bool = False,
        origins: Iterable[Origin] = (),
        reasons: Iterable[tuple[str, int]] = (),
    ) -> None:
        """Take down one request.

        Args:
            failed: It was refused as a whole.
            origins: Whose items they are.
            reasons: Why something was refused, and how often.
        """
        if origins:
            key, services = _named(key, origins)
        else:
            services = ()
        row = self._rows.get(key)
        if row is None:
            row = self._add(key, now_ms)
        else:
            self._rows.move_to_end(key)
        row.last_ms = now_ms
        row.requests += 1
        row.failures += failed
        row.items += items
        row.rejected += rejected
        row.size_bytes += size_bytes
        if services and len(row.services) < MOST_SERVICES:
            row.services.update(dict.fromkeys(services))
        for text, count in reasons:
            _add_reason(row, text[:_REASON_CHARS], count, now_ms)

    def rows(self) -> list[Sender]:
        """All senders, those that sent last first."""
        return list(reversed(self._rows.values()))

    def _add(self, key: SenderKey, now_ms: int) -> Sender:
        if len(self._rows) >= self._limit:
            self._rows.popitem(last=False)
            self.forgotten += 1
        row = self._rows[key] = Sender(key, now_ms)
        return row


def _named(key: SenderKey, origins: Iterable[Origin]) -> tuple[SenderKey, tuple[str, ...]]:
    """The key with the service and the SDK if there is one, and all services if there are more."""
    services = tuple(dict.fromkeys(origin.service for origin in origins if origin.service))
    sdks = {origin.sdk for origin in origins}
    service = services[0] if len(services) == 1 else ""
    sdk = sdks.pop() if len(sdks) == 1 else ""
    named = SenderKey(key.signal, key.protocol, key.tenant, key.remote, key.agent, service, sdk)
    return named, services if len(services) > 1 else ()


def _add_reason(row: Sender, text: str, count: int, now_ms: int) -> None:
    """The reason moves to the end; the oldest gives way."""
    known = row.reasons.pop(text, None)
    if known is None:
        known = Reason(text, 0, now_ms)
        if len(row.reasons) >= MOST_REASONS:
            del row.reasons[next(iter(row.reasons))]
    known.count += count
    known.last_ms = now_ms
    row.reasons[text] = known
