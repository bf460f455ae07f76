"""An error that nobody expected stops one job, for a while; nothing is lost or repeated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from appliance.ingest.tail.entry import Entry, EntryPipeline
from appliance.ingest.tail.files import follower
from appliance.ingest.tail.job import Job
from appliance.ingest.tail.manager import TailSetup
from appliance.ingest.tail.stage_config import Stage
from appliance.ingest.tail.stages.pipeline import Pipeline
from appliance.ingest.tail.status import SourceStatus
from tests.ingest.tail.tailing import FAST, Tailing, config_of, job

MULTILINE = """\
    pipeline_stages: [{multiline: {firstline: '^\\S', max_wait_time: 50ms}}]
"""
OTHER = """\
  - job_name: other
    static_configs: [{{targets: [localhost], labels: {{job: other, __path__: "{path}"}}}}]
"""


class Failing(Pipeline):
    """Stages that cannot bear a line while they are ill."""

    is_ill = True

    def process(self, entries: Sequence[Entry]) -> list[Entry]:
        found = super().process(entries)
        if Failing.is_ill and any("poison" in entry.line for entry in entries):
            raise ZeroDivisionError("stage")
        return found

    def flush(self, now: float) -> list[Entry]:
        if Failing.is_ill and now == math.inf:
            raise ZeroDivisionError("flush")
        return super().flush(now)


def make_failing(stages: tuple[Stage, ...], job_name: str) -> EntryPipeline | None:
    return Failing(stages, job_name) if stages else None


@pytest.fixture
def tailing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tailing]:
    monkeypatch.setattr(Failing, "is_ill", True)
    monkeypatch.setattr(follower, "_RETRY_SECONDS", 0.02)
    found = Tailing(tmp_path / "logs.db")
    yield found
    found.close()


def append(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def failures(tailing: Tailing, name: str) -> float:
    prefix = f'appliance_tail_failures_total{{job="{name}"}} '
    found = [
        row for row in tailing.telemetry.expose().decode().splitlines() if row.startswith(prefix)
    ]
    return float(found[0].removeprefix(prefix)) if found else 0.0


async def test_a_stage_that_fails_stops_its_job_alone_until_it_works(
    tailing: Tailing, tmp_path: Path
) -> None:
    ill, other = tmp_path / "ill.log", tmp_path / "other.log"
    append(ill, "one", " more of one", "two")
    append(other, "a")
    text = job(ill, rest=MULTILINE + OTHER.format(path=other))
    async with tailing.running(text, make_pipeline=make_failing) as manager:
        await tailing.wait_for_lines(3)
        append(ill, "three", " more of three", "poison", "four")
        await tailing.wait_for(lambda: failures(tailing, "app") >= 2)
        append(other, "b")
        await tailing.wait_for(lambda: "b" in tailing.lines())
        assert failures(tailing, "other") == 0
        status = manager.status()
        assert "app: ZeroDivisionError: stage" in status.errors
        assert {source.job: source.error for source in status.sources}.get("other") == ""
        assert "poison" not in tailing.lines()
        Failing.is_ill = False
        await tailing.wait_for_lines(7)
        await tailing.wait_for(lambda: not manager.status().errors)
    ours = [line for labels, _, line in tailing.entries() if labels["job"] == "app"]
    assert ours == ["one\n more of one", "two", "three\n more of three", "poison", "four"]


async def test_a_job_that_cannot_be_given_out_does_not_stop_a_reload(
    tailing: Tailing, tmp_path: Path
) -> None:
    ill, other = tmp_path / "ill.log", tmp_path / "other.log"
    append(ill, "one", " more of one")
    append(other, "a")
    before = job(ill, rest=MULTILINE.replace("50ms", "60s"))
    after = job(other, name="other")
    async with tailing.running(before, make_pipeline=make_failing) as manager:
        await tailing.wait_for(lambda: [s for s in manager.status().sources if s.lines == 2])
        await manager.apply(TailSetup(config_of(FAST + after), Path("promtail.yml")))
        assert await tailing.wait_for_lines(1) == ["a"]
        assert failures(tailing, "app") == 1
    Failing.is_ill = False
    async with tailing.running(before.replace("60s", "50ms"), make_pipeline=make_failing):
        assert sorted(await tailing.wait_for_lines(2)) == ["a", "one\n more of one"]


class Quitter:
    """A source that gives up at once."""

    async def run(self) -> None:
        raise ZeroDivisionError("source")

    def status(self) -> list[SourceStatus]:
        return []

    def cursors(self) -> dict[str, str]:
        return {}

    def __str__(self) -> str:
        return "quitter"


async def test_a_source_that_fails_is_shown_and_counted(
    tailing: Tailing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Job, "_others", lambda _: [Quitter()])
    append(tmp_path / "a.log", "a")
    async with tailing.running(job(tmp_path / "a.log")) as manager:
        await tailing.wait_for_lines(1)
        await tailing.wait_for(lambda: failures(tailing, "app"))
        assert manager.status().errors == ["app: quitter: ZeroDivisionError: source"]
