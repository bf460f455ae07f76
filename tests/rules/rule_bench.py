"""Groups of rules over a real metric store and a clock that tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.scrape.config import PrometheusConfig
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.sample import STALE, SampleBatch
from appliance.model.value import Vector
from appliance.promql.context import ALL_FEATURES
from appliance.promql.engine import evaluate
from appliance.promql.parser import parse
from appliance.query.limits import QueryLimits
from appliance.rule_setup.managers import RuleParts
from appliance.rules.group_state import GroupState
from appliance.rules.load import load_groups
from appliance.rules.manager import RuleDeps, RuleManager
from appliance.rules.sink import StoreSink
from appliance.settings.root import Settings
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from tests.sources import make_guard

TENANT = "anonymous"


class EchoTemplates:
    """Shows what it is given."""

    def expand(
        self, name: str, text: str, *, labels: Labels, value: float | Histogram, at_ms: int
    ) -> str:
        del name, at_ms
        shown = text.replace("$value", f"{value}")
        return shown.replace("$job", labels.get("job"))


@dataclass
class RuleBench:
    """A store, a clock, and a manager of the groups in a file."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    told: list[GroupState] = field(default_factory=list)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.telemetry = Telemetry()
        self.store = MetricStore(
            self.folder / "metrics.db",
            MetricStoreOptions(),
            database=DatabaseOptions(),
            clock=self.clock,
            telemetry=self.telemetry,
        )
        deps = RuleDeps(
            source=lambda: self.store.source(TENANT),
            sink=StoreSink(self.store, TENANT),
            templates=EchoTemplates(),
            clock=self.clock,
            limits=QueryLimits(),
            features=ALL_FEATURES,
            lookback_ms=300_000,
            subquery_step_ms=lambda: 60_000,
            notify=self._note,
        )
        self.manager = RuleManager([], deps, self.telemetry)

    def groups(self, text: str, interval_ms: int = 60_000) -> list[GroupState]:
        file = self.folder / "rules.yml"
        file.write_text(text)
        groups, problems = load_groups(
            [file], interval_ms=interval_ms, offset_ms=0, features=ALL_FEATURES
        )
        assert not problems, problems
        return groups

    def _note(self, group: GroupState) -> None:
        self.told.append(group)
        self._stirred.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for evaluations that run in other threads."""
        while not is_so():
            self._stirred.clear()
            await self._stirred.wait()

    async def load(self, text: str, interval_ms: int = 60_000) -> list[GroupState]:
        groups = self.groups(text, interval_ms)
        return list(await self.manager.apply(groups))

    def put(self, samples: Mapping[str, float | None], at_ms: int | None = None) -> None:
        """Samples by `name` or `name/job`, now; None is a staleness marker."""
        labels = []
        for series in samples:
            name, _, job = series.partition("/")
            labels.append(Labels.of({"__name__": name, "job": job}))
        values = [float(STALE) if value is None else value for value in samples.values()]
        time = self.clock.now_ms() if at_ms is None else at_ms
        batch = SampleBatch(
            labels,
            np.arange(len(labels)),
            np.full(len(labels), time, dtype=np.int64),
            np.array(values, dtype=np.float64),
        )
        self.store.append(TENANT, batch).result()

    def parts(self, settings: Callable[[], Settings] = Settings) -> RuleParts:
        """What all managers share, over this store."""
        return RuleParts(
            settings, PrometheusConfig, self.store, self.store, self.clock, self.telemetry
        )

    async def step(self, group: GroupState, seconds: float = 0) -> None:
        """Let time pass, then evaluate a group."""
        await self.clock.advance(seconds)
        await self.manager.evaluate(group, self.clock.now_ms())

    def ask(self, query: str) -> dict[str, float]:
        """Values by labels as text, now."""
        now = self.clock.now_ms()
        found = evaluate(
            parse(query),
            self.store.source(TENANT),
            start_ms=now,
            end_ms=now,
            step_ms=0,
            guard=make_guard(),
        ).value
        assert isinstance(found, Vector)
        return dict(zip(map(shown, found.labels), found.values.tolist(), strict=True))

    def close(self) -> None:
        self.store.close()


def shown(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as `name{a=b}`, in short."""
    pairs = dict(labels)
    name = pairs.pop("__name__", "")
    inside = ",".join(f"{key}={value}" for key, value in pairs.items())
    return f"{name}{{{inside}}}" if inside else name
