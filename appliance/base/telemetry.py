"""The process's own metrics and logging."""

from __future__ import annotations

import datetime as dt
import logging
import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

M = TypeVar("M")


class Telemetry:
    """One registry per server, so that several servers can live in one process.

    Names are `appliance_<package>_<what>_<unit>[_total]`, upstream's where a contract expects them.
    `counter`, `gauge`, `summary` and `histogram` make a metric at first use, and return the same
    one after.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: PLC0415 - lazy

        self.registry: CollectorRegistry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._metrics: dict[str, object] = {}
        self._others: list[Callable[[], bytes]] = []

    def counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        """A counter; `name` ends in `_total`."""
        from prometheus_client import Counter  # noqa: PLC0415 - lazy

        return self._once(name, lambda: Counter(name, text, labels, registry=self.registry))

    def gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        """A gauge."""
        from prometheus_client import Gauge  # noqa: PLC0415 - lazy

        return self._once(name, lambda: Gauge(name, text, labels, registry=self.registry))

    def summary(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Summary:
        """A sum and a count of observations."""
        from prometheus_client import Summary  # noqa: PLC0415 - lazy

        return self._once(name, lambda: Summary(name, text, labels, registry=self.registry))

    def histogram(
        self,
        name: str,
        text: str,
        labels: tuple[str, ...] = (),
        buckets: tuple[float, ...] = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
    ) -> Histogram:
        """A histogram with classic buckets."""
        from prometheus_client import Histogram  # noqa: PLC0415 - lazy

        make = lambda: Histogram(name, text, labels, registry=self.registry, buckets=buckets)  # noqa: E731
        return self._once(name, make)

    def expose(self) -> bytes:
        """All metrics in Prometheus text format 0.0.4."""
        from prometheus_client import generate_latest  # noqa: PLC0415 - lazy

        return generate_latest(self.registry) + b"".join(make() for make in self._others)

    def expose_also(self, make: Callable[[], bytes]) -> None:
        """Add metrics that are kept elsewhere, of names that nobody else uses.

        make: Gives them in Prometheus text format 0.0.4.
        """
        self._others.append(make)

    def _once(self, name: str, make: Callable[[], M]) -> M:
        if name not in self._metrics:
            self._metrics[name] = make()
        return self._metrics[name]  # type: ignore[return-value]  # same name, same kind


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, error and the fields of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        import orjson  # noqa: PLC0415 - lazy

        at = dt.datetime.fromtimestamp(record.created, tz=dt.UTC)
        entry: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return orjson.dumps(entry).decode()


def configure_logging(level: str = "info", *, style: str = "console") -> None:
    """Send the process's own log to standard error.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        style: `console` for people, `json` for machines.
    """
    handler = logging.StreamHandler(sys.stderr)
    if style == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
