"""What rules keep over a reload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.rules.group_state import GroupState
from tests.rules.rule_bench import RuleBench

HIGH = "{alert: High, expr: load > 5, for: 5m}"
LOW = "{alert: Low, expr: load < 100, for: 5m}"
SUM = "{record: job:hits:sum, expr: sum by (job) (hits)}"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[RuleBench]:
    made = RuleBench(tmp_path)
    yield made
    made.close()


def groups_of(**rules: list[str]) -> str:
    texts = [f"- {{name: {name}, rules: [{', '.join(given)}]}}" for name, given in rules.items()]
    return "groups:\n" + "\n".join(texts)


async def begun(bench: RuleBench, text: str) -> int:
    """Everything evaluated once; when."""
    bench.put({"load/a": 9, "hits/a": 1})
    for group in await bench.load(text):
        await bench.step(group)
    began = bench.clock.now_ms()
    await bench.clock.advance(60)
    return began


def pending_since(groups: list[GroupState]) -> dict[str, list[int]]:
    return {
        f"{group.group.name}/{rule.rule.name}": [alert.active_ms for alert in rule.alerts.active]
        for group in groups
        for rule in group.rules
        if rule.alerts is not None
    }


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        pytest.param(groups_of(g=[HIGH, LOW]), {"g/High": 1, "g/Low": 1}, id="the same"),
        pytest.param(groups_of(g=[LOW, HIGH]), {"g/High": 1, "g/Low": 1}, id="another order"),
        pytest.param(
            groups_of(g=[HIGH.replace("5m", "9m"), LOW]), {"g/High": 1, "g/Low": 1}, id="for"
        ),
        pytest.param(
            groups_of(g=[HIGH.replace("> 5", "> 6"), LOW]), {"g/High": 1, "g/Low": 1}, id="expr"
        ),
        pytest.param(
            groups_of(g=[HIGH.replace("for", "labels: {x: y}, for"), LOW]),
            {"g/High": 0, "g/Low": 1},
            id="labels",
        ),
        pytest.param(groups_of(other=[LOW], g=[HIGH]), {"other/Low": 1, "g/High": 1}, id="moved"),
        pytest.param(
            groups_of(other=[LOW.replace("100", "99")], g=[HIGH]),
            {"other/Low": 0, "g/High": 1},
            id="moved and changed",
        ),
    ],
)
async def test_alerts_stay(bench: RuleBench, after: str, kept: dict[str, int]) -> None:
    began = await begun(bench, groups_of(g=[HIGH, LOW]))
    found = pending_since(await bench.load(after))
    assert found == {name: [began] * count for name, count in kept.items()}


async def test_an_unchanged_group_is_left_alone(bench: RuleBench) -> None:
    await begun(bench, groups_of(g=[HIGH], h=[LOW]))
    g, h = bench.manager.groups
    same, changed = await bench.load(groups_of(g=[HIGH], h=[LOW, SUM]))
    assert same is g
    assert changed is not h
    assert changed.iterations == 1


async def test_lines_follow_the_file(bench: RuleBench) -> None:
    await begun(bench, groups_of(g=[HIGH]))
    (group,) = await bench.load("# a comment\n" + groups_of(g=[HIGH]))
    assert group.rules[0].line == 3


async def test_series_of_a_moved_rule_do_not_end(bench: RuleBench) -> None:
    await begun(bench, groups_of(g=[SUM, HIGH]))
    bench.put({"load/a": 9, "hits/a": 1})
    g, other = await bench.load(groups_of(g=[HIGH], other=[SUM]))
    await bench.step(g)
    assert bench.ask("job:hits:sum") == {"job:hits:sum{job=a}": 1}
    await bench.step(other)
    assert bench.ask("job:hits:sum") == {"job:hits:sum{job=a}": 1}


async def test_series_of_a_removed_rule_end(bench: RuleBench) -> None:
    await begun(bench, groups_of(g=[SUM, HIGH]))
    (group,) = await bench.load(groups_of(g=[HIGH]))
    await bench.step(group)
    assert bench.ask("job:hits:sum") == {}
