"""Settings of how long and how much is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from appliance.config.scalars import ByteSize, Duration
from appliance.config.schema import key, section

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.model.matcher import Matcher

_DAY = 86_400_000


@section
class ByteBudget:
    """How much the disk may hold; the oldest data goes first."""

    total: ByteSize = ByteSize(20 << 30)
    metrics: ByteSize | None = None
    logs: ByteSize | None = None
    traces: ByteSize | None = None
    alerts: ByteSize | None = None
    errors: ByteSize | None = None

    def check(self, report: Report) -> None:
        """Refuse to keep nothing at all."""
        if self.total <= 0:
            report.error(self, "total", "0 bytes keep nothing; write for example 20GB")


class StreamSelector(str):
    """A LogQL stream selector without stages, such as `{app="shop", level=~"debug|trace"}`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The selector, as it is written.

        Raises:
            BadInput: It is none, or it takes in every stream.
        """
        made = cls(text)
        _ = made.matchers
        return made

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """What must hold of a stream's labels."""
        from appliance.logql.parser import parse_matchers  # noqa: PLC0415 - rarely used

        return parse_matchers(self)


@section
class StreamAge:
    """How long the lines of some streams are kept."""

    selector: StreamSelector = key(literal=True)
    max_age: Duration
    tenant: str | None = None


@section
class Ages:
    """How long each kind of data is kept; absent means as usual."""

    metrics: Duration | None = None
    logs: Duration | None = None
    traces: Duration | None = None
    errors: Duration | None = None


@section
class Retention:
    """How long and how much; `alerts` is the record of what happened to them."""

    metrics: Duration = Duration(30 * _DAY)
    logs: Duration = Duration(90 * _DAY)
    traces: Duration = Duration(14 * _DAY)
    errors: Duration = Duration(90 * _DAY)
    alerts: Duration = Duration(90 * _DAY)
    audit: Duration = Duration(7 * 365 * _DAY)
    billing: Duration = Duration(10 * 365 * _DAY)
    streams: tuple[StreamAge, ...] = ()
    max_bytes: ByteBudget = ByteBudget()


@section
class Tenant:
    """What differs for one tenant."""

    retention: Ages = Ages()
