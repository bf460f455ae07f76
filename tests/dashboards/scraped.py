"""Two weeks of what stock exporters give, as a source for the engine."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from appliance.model.labels import Labels
from appliance.wire.exposition.document import parse
from tests.sources import PlainSeries

FOLDER = Path(__file__).parent / "exporters"
DAY_MS = 86_400_000
#: A full hour, so that subqueries of an hour have a step here.
END_MS = 1_760_000_400_000
#: Every minute of the last hour, then every day of two weeks and a bit.
TIMES_MS = [END_MS - at * 60_000 for at in range(60)] + [
    END_MS - day * DAY_MS for day in range(1, 17)
]
_NOW = re.compile(r"NOW(-\d+)?")
_GROWTH_PER_MS = 1e-9


def _document(name: str, at_ms: int) -> bytes:
    text = (FOLDER / f"{name}.prom").read_text(encoding="utf-8")
    return _NOW.sub(lambda found: str(at_ms // 1000 + int(found[1] or 0)), text).encode()


def _grown(value: float, at_ms: int, *, is_counter: bool) -> float:
    """A counter's value some time before the end: a part of it is missing then."""
    return value * (1 - _GROWTH_PER_MS * (END_MS - at_ms) / 2) if is_counter else value


def _exporter(name: str) -> dict[Labels, dict[int, float]]:
    extra = {"job": name, "instance": f"{name}:9100"}
    if name == "spans":  # these are written by the server itself
        extra = {}
    found: dict[Labels, dict[int, float]] = {}
    for at_ms in sorted(TIMES_MS):
        document = parse(_document(name, at_ms))
        types = {family: item.type for family, item in document.metadata.items()}
        for sample in document.samples:
            given = {("exported_" + k if k in extra else k): v for k, v in sample.labels}
            metric = given["__name__"]
            family = re.sub(r"_(bucket|sum|count)$", "", metric)
            is_counter = types.get(metric) == "counter" or types.get(family) == "histogram"
            labels = Labels.of(given | extra)
            value = _grown(sample.value, at_ms, is_counter=is_counter)
            found.setdefault(labels, {})[at_ms] = value
    return found


@cache
def scraped() -> PlainSeries:
    """Every exporter of the folder, with the series that scraping and rules add."""
    samples: dict[Labels, dict[int, float]] = {}
    for path in sorted(FOLDER.glob("*.prom")):
        samples |= _exporter(path.stem)
        added = {"up": 1.0, "scrape_duration_seconds": 0.02, "scrape_samples_scraped": 90.0}
        for name, value in added.items():
            item = {"__name__": name, "job": path.stem, "instance": f"{path.stem}:9100"}
            samples[Labels.of(item)] = dict.fromkeys(TIMES_MS, value)
    alert = {"__name__": "ALERTS", "alertname": "HighLoad", "alertstate": "firing"}
    samples[Labels.of(alert)] = dict.fromkeys(TIMES_MS, 1.0)
    return PlainSeries(samples=samples)
