"""The drop, sampling and limit stages (promtail, stages/drop.go, sampling.go, limit.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.re2 import Pattern
from appliance.ingest.tail.stages.values import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import DropStage, LimitStage, SamplingStage
    from appliance.ingest.tail.stages.context import StageContext

_LIMIT_REASON = "ratelimit_drop_stage"
#: Entries that wait for the rate, after which the feeder should pause.
WAITING_ENTRIES = 10_000


class Drop:
    """Entries for which everything given holds are dropped."""

    def __init__(self, config: DropStage, context: StageContext) -> None:
        self._config = config
        self._context = context
        self._pattern = Pattern(config.expression) if config.expression is not None else None

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Entries that stay."""
        now_ns = self._context.clock.now_ns()
        kept = [entry for entry in entries if not self._is_dropped(entry, now_ns)]
        if len(kept) < len(entries):
            reason = self._config.drop_counter_reason or "drop_stage"
            self._context.count_dropped(reason, len(entries) - len(kept))
        return kept

    def _is_dropped(self, entry: Entry, now_ns: int) -> bool:
        config = self._config
        longest = config.longer_than
        if longest is not None and len(entry.line.encode("utf-8", "replace")) <= longest:
            return False
        if config.older_than is not None and entry.time_ns >= now_ns - config.older_than * 10**6:
            return False
        if config.source or self._pattern is not None:
            return self._is_chosen(entry)
        return True

    def _is_chosen(self, entry: Entry) -> bool:
        """Whether the value, or the expression, is found in the sources or in the line."""
        config = self._config
        if not config.source:
            text: str | None = entry.line
        elif any(name not in entry.extracted for name in config.source):
            return False
        elif self._pattern is None and config.value is None:
            return True
        else:
            texts = [text_of(entry.extracted[name]) for name in config.source]
            if None in texts:
                return False
            text = config.separator.join(text for text in texts if text is not None)
        if self._pattern is None:
            return text == config.value
        return text is not None and self._pattern.matches(text)


class Sampling:
    """A random part of the entries stays."""

    def __init__(self, config: SamplingStage, context: StageContext) -> None:
        self._rate = config.rate
        self._context = context
        self._reason = config.drop_counter_reason or "sampling_stage"

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Entries that stay."""
        chance = self._context.chance.random
        kept = [entry for entry in entries if chance() < self._rate]
        if len(kept) < len(entries):
            self._context.count_dropped(self._reason, len(entries) - len(kept))
        return kept


class _Bucket:
    """Tokens that come at a rate, of which so many are kept at most."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, float(burst)
        self._tokens, self._at = float(burst), now

    def take(self, now: float) -> bool:
        """Take a token, if there is one."""
        elapsed = max(0.0, now - self._at)
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._at = max(now, self._at)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limit:
    """At most so many entries a second; more are dropped, or wait for their turn."""

    def __init__(self, config: LimitStage, context: StageContext) -> None:
        self._config = config
        self._context = context
        self._buckets: dict[str, _Bucket] = {}
        self._waiting: list[Entry] = []

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Entries whose turn it is."""
        now = self._context.clock.monotonic()
        if not self._config.drop:
            self._waiting += entries
            return self._released(now)
        return [entry for entry in entries if self._passes(entry, now)]

    def _passes(self, entry: Entry, now: float) -> bool:
        name = self._config.by_label_name
        value = entry.labels.get(name) if name else ""
        if value is None or self._bucket(value, now).take(now):
            return True
        self._context.count_dropped(_LIMIT_REASON)
        if name and self._context.metrics is not None:
            self._context.metrics.dropped_by_label.labels(name, value).inc()
        return False

    def _bucket(self, value: str, now: float) -> _Bucket:
        found = self._buckets.get(value)
        if found is None:
            if len(self._buckets) >= max(self._config.max_distinct_labels, 10_000):
                self._buckets.clear()
            found = _Bucket(self._config.rate, self._config.burst, now)
            self._buckets[value] = found
        return found

    def _released(self, now: float) -> list[Entry]:
        bucket = self._bucket("", now)
        count = 0
        while count < len(self._waiting) and bucket.take(now):
            count += 1
        found = self._waiting[:count]
        del self._waiting[:count]
        return found

    def flush(self, now: float) -> list[Entry]:
        """Entries whose turn it is by now."""
        if now == float("inf"):
            found, self._waiting = self._waiting, []
            return found
        return self._released(now)

    def held(self) -> Sequence[Entry]:
        """Entries that wait."""
        return self._waiting
