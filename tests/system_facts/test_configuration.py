from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from appliance.base.clock import ManualClock
from appliance.base.notifications import Notifications
from appliance.base.telemetry import Telemetry
from appliance.config.problem import Problem
from appliance.settings.root import load
from appliance.system_facts.configuration import ConfigFacts
from appliance.system_facts.reloads import Reloads


async def test_files_are_judged_once_for_all_who_look_within_a_while(tmp_path: Path) -> None:
    file = tmp_path / "appliance.yml"
    file.write_text("dashboards: {}\n")
    settings, problems = load(file, flags={}, environ={}, directory=tmp_path)
    judged: list[Sequence[Path]] = []

    def judge(paths: Sequence[Path]) -> list[Problem]:
        judged.append(paths)
        return []

    clock = ManualClock()
    facts = ConfigFacts(
        lambda: settings,
        lambda: (settings, problems),
        judge,
        at_start=settings,
        reloads=Reloads(clock, Telemetry(), Notifications(clock)),
        started_ms=0,
        clock=clock,
    )
    facts.look()
    facts.look()
    assert judged == [[file]]
    file.write_text("dashboards: {grafana: [x.json]}\n")
    facts.look()
    assert len(judged) == 2
    await clock.advance(31)
    facts.look()
    assert len(judged) == 3
