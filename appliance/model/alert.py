"""Alerts as Alertmanager knows them (Alertmanager, API v2; model.Alert), and who takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.model.labels import Labels

FNV_OFFSET, FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class Alert:
    """One occurrence of an alert; what it is, its labels say.

    Attributes:
        starts_ns, ends_ns: It fires from the first to the second; the second may lie ahead.
        updated_ns: When it was last told of.
        has_timeout: Whether the end was made up because the sender gave none.
        fingerprint: Of the labels, 16 hex digits.
    """

    labels: Labels
    annotations: Mapping[str, str]
    starts_ns: int
    ends_ns: int
    updated_ns: int
    generator_url: str = ""
    has_timeout: bool = False
    fingerprint: str = ""

    def __post_init__(self) -> None:
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", fingerprint_of(self.labels))

    @property
    def name(self) -> str:
        """The label `alertname`."""
        return self.labels.get("alertname")

    def is_resolved(self, now_ns: int) -> bool:
        """Whether it is over at a time."""
        return self.ends_ns <= now_ns

    def merged(self, newer: Alert) -> Alert:
        """What two reports of overlapping occurrences say together.

        Args:
            newer: The one that was updated later.
        """
        starts_ns = min(self.starts_ns, newer.starts_ns)
        ends_ns, now_ns = newer.ends_ns, newer.updated_ns
        counts = self.is_resolved(now_ns) if newer.is_resolved(now_ns) else not self.has_timeout
        if counts:
            ends_ns = max(self.ends_ns, newer.ends_ns)
        if (starts_ns, ends_ns) == (newer.starts_ns, newer.ends_ns):
            return newer
        return replace(newer, starts_ns=starts_ns, ends_ns=ends_ns)

    def is_continued_by(self, newer: Alert) -> bool:
        """Whether a newer report is about the same occurrence: one of its ends lies within ours."""
        starts_ns, ends_ns = self.starts_ns, self.ends_ns
        return starts_ns < newer.starts_ns < ends_ns or starts_ns < newer.ends_ns < ends_ns


class AlertSink(Protocol):
    """Takes alerts: our Alertmanager, or another one over HTTP."""

    async def put(self, alerts: Sequence[Alert]) -> None:
        """Take reports of alerts; when it returns they are safe.

        Raises:
            Unavailable: They could not be taken.
        """
        ...


def fingerprint_of(labels: Labels) -> str:
    """Prometheus' fingerprint of a label set: FNV-1a, 64 bits, as 16 hex digits."""
    value = FNV_OFFSET
    for name, text in labels:
        for byte in b"%b\xff%b\xff" % (name.encode(), text.encode()):
            value = ((value ^ byte) * FNV_PRIME) & _MASK
    return f"{value:016x}"
