from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.config.load import load_file
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.manager import TailSetup
from appliance.ingest.tail.status import ClientStatus, SourceKind, SourceStatus, TailStatus
from appliance.ingest.tail.targets import DroppedTarget
from appliance.ui.system.tail import MOST, source_row, stages_yaml, tail_page
from tests.sources import labels

NOW_MS = 1_700_000_000_000
FILE = SourceStatus(
    "app", SourceKind.FILE, "/var/log/a.log", labels(job="app"), "100", 100, 0, 7, NOW_MS - 5_000
)
CONFIG = """\
scrape_configs:
  - job_name: app
    static_configs: [{targets: [localhost], labels: {__path__: /var/log/*.log}}]
    pipeline_stages:
      # a comment
      - json: {expressions: {level: level}}
      - labels:
          level:
  - job_name: bare
    static_configs: [{targets: [localhost], labels: {__path__: /srv/*.log}}]
  - job_name: flow
    static_configs: [{targets: [localhost], labels: {__path__: /srv/*.log}}]
    pipeline_stages: [{docker: {}}]
"""


@dataclass
class Tailing:
    sources: tuple[SourceStatus, ...] = (FILE,)
    given: TailSetup | None = None

    def status(self) -> TailStatus:
        dropped = [DroppedTarget("app", labels(x="1"), "no path for target")]
        clients = [ClientStatus("", is_own=True)]
        return TailStatus("promtail.yml", self.sources, dropped, clients, ["app: no such file"])

    def setup(self) -> TailSetup | None:
        return self.given


@pytest.fixture
def setup(tmp_path: Path) -> TailSetup:
    file = tmp_path / "promtail.yml"
    file.write_text(CONFIG)
    decoded = load_file(PromtailConfig, file, {})
    assert decoded.value is not None
    return TailSetup(decoded.value, file)


def test_jobs_have_their_sources_the_worst_first(setup: TailSetup) -> None:
    behind = replace(FILE, name="/var/log/b.log", size_bytes=4 << 20, lag_bytes=3 << 20)
    broken = replace(FILE, name="/var/log/c.log", error="permission denied")
    found = tail_page(Tailing((FILE, behind, broken), setup), NOW_MS)
    assert [job.name for job in found.jobs] == ["app", "bare", "flow"]
    app = found.jobs[0]
    assert [row.state for row in app.sources] == ["error", "behind", "reading"]
    assert app.stages == ("json", "labels")
    assert (app.count, app.lines, app.lag_bytes) == (3, 21, 3 << 20)
    assert (found.failing, found.total, found.errors) == (1, 3, ("app: no such file",))
    assert found.dropped[0].reason == "no path for target"


def test_the_page_is_bounded(setup: TailSetup) -> None:
    many = tuple(replace(FILE, name=f"/var/log/{number}.log") for number in range(MOST + 9))
    found = tail_page(Tailing(many, setup), NOW_MS)
    assert (found.total, found.shown, len(found.jobs[0].sources)) == (MOST + 9, MOST, MOST)


def test_how_far_a_file_has_been_read() -> None:
    row = source_row(replace(FILE, size_bytes=200, lag_bytes=50), NOW_MS)
    assert (row.read_percent, row.ago_ms, row.state) == (75, 5_000, "reading")
    assert (
        source_row(replace(FILE, size_bytes=0, position="", last_read_ms=0), NOW_MS).ago_ms is None
    )


def test_stages_are_shown_as_they_were_written(setup: TailSetup) -> None:
    assert stages_yaml(setup, "app") == (
        "- json: {expressions: {level: level}}\n- labels:\n    level:"
    )
    assert stages_yaml(setup, "flow") == "[{docker: {}}]"
    assert stages_yaml(setup, "bare") == ""
    assert stages_yaml(None, "app") == ""
