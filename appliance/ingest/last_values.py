"""The last value of every series that came over OTLP, for scrapes of port 9464."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.model.sample import is_histogram, is_stale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from appliance.base.clock import Clock
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata, SampleBatch

#: Older values are not shown (the collector's `metric_expiration`).
_EXPIRE_MS = 300_000


class LastValues:
    """Used on the event loop only.

    Args:
        limit: Series at most; further ones are not shown.
    """

    def __init__(self, clock: Clock, *, limit: int = 200_000) -> None:
        self._clock = clock
        self._limit = limit
        self._values: dict[Labels, tuple[int, float]] = {}
        self._metadata: dict[str, MetricMetadata] = {}

    def note(self, batch: SampleBatch, metadata: Mapping[str, MetricMetadata]) -> None:
        """Take over a request; native histograms have no text form and are left out."""
        now = self._clock.now_ms()
        self._metadata.update(metadata)
        gone = is_stale(batch.values)
        usable = ~is_histogram(batch.values)
        rows = batch.series.tolist()
        for row, value, ends, fits in zip(
            rows, batch.values.tolist(), gone.tolist(), usable.tolist(), strict=True
        ):
            labels = batch.labels[row]
            if ends:
                self._values.pop(labels, None)
            elif fits and (labels in self._values or len(self._values) < self._limit):
                self._values[labels] = now, value

    def families(self) -> Iterator[tuple[str, MetricMetadata | None, list[tuple[Labels, float]]]]:
        """(name, metadata, series) of every family, by name; forgets what is too old."""
        oldest = self._clock.now_ms() - _EXPIRE_MS
        self._values = {k: item for k, item in self._values.items() if item[0] >= oldest}
        found: dict[str, list[tuple[Labels, float]]] = {}
        for labels, (_, value) in self._values.items():
            found.setdefault(self._family(labels.get("__name__")), []).append((labels, value))
        for name in sorted(found):
            yield name, self._metadata.get(name), sorted(found[name], key=_place)

    def _family(self, name: str) -> str:
        """The family of a series: of a histogram's or summary's parts their common name."""
        for suffix in ("_bucket", "_sum", "_count"):
            base = name.removesuffix(suffix)
            known = self._metadata.get(base)
            if base != name and known is not None and known.type in {"histogram", "summary"}:
                return base
        return name


def _place(item: tuple[Labels, float]) -> tuple[Labels, float, str]:
    """Buckets of one histogram stay together and ascend."""
    labels = item[0]
    bound = labels.get("le")
    return labels.without("__name__", "le"), float(bound or "inf"), labels.get("__name__")
