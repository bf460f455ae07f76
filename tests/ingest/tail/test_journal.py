"""The journal, as a program in place of `journalctl` tells it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.ingest.tail.journal import (
    cursor_time_us,
    journal_facts,
    json_line,
    read_fields,
)
from tests.ingest.tail.tailing import Tailing

CONFIG = """\
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
scrape_configs:
  - job_name: journal
    journal: {{max_age: 87600h, labels: {{job: journal}}, matches: "_TRANSPORT=syslog"{more}}}
    relabel_configs:
      - {{source_labels: [__journal__systemd_unit], target_label: unit}}
      - {{source_labels: [__journal_priority_keyword], target_label: level}}
"""
#: Notes its arguments, prints the entries after the cursor it is given, and stays.
PROGRAM = """\
#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in
  *after-cursor=*) cursor=$(echo "$*" | sed 's/.*after-cursor=\\([^ ]*\\).*/\\1/')
     sed "1,/\\"$cursor\\"/d" {folder}/journal ;;
  *) cat {folder}/journal ;;
esac
exec sleep 60
"""


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db", max_age_ms=10 * 365 * 86_400_000)
    yield found
    found.close()


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "journal").touch()
    return tmp_path / "journal"


def write(journal: Path, text: str) -> None:
    journal.write_text(text)


def entry(number: int, **fields: Any) -> str:
    time_us = 1_767_225_600_000_000 + number
    own = {"__CURSOR": f"s=1;t={time_us:x}", "__REALTIME_TIMESTAMP": str(time_us)}
    return json.dumps({**own, **fields}) + "\n"


async def test_entries_have_their_times_and_labels(tailing: Tailing, journal: Path) -> None:
    write(
        journal,
        entry(1, MESSAGE="hello", _SYSTEMD_UNIT="ssh.service", PRIORITY="4")
        + entry(2, _SYSTEMD_UNIT="ssh.service")
        + entry(3, MESSAGE="bye"),
    )
    async with tailing.running(CONFIG.format(more="")):
        await tailing.wait_for_lines(2)
    first = {"job": "journal", "unit": "ssh.service", "level": "warning"}
    start_ns = 1_767_225_600_000_000_000
    assert tailing.entries() == [
        (first, start_ns + 1000, "hello"),
        ({"job": "journal"}, start_ns + 3000, "bye"),
    ]
    exposed = tailing.telemetry.expose().decode()
    assert "promtail_journal_target_lines_total 2.0" in exposed
    assert 'promtail_journal_target_parsing_errors_total{error="no_message"} 1.0' in exposed


async def test_a_restart_goes_on_after_the_cursor(tailing: Tailing, journal: Path) -> None:
    write(journal, entry(1, MESSAGE="one") + entry(2, MESSAGE="two"))
    async with tailing.running(CONFIG.format(more="")):
        await tailing.wait_for_lines(2)
    with journal.open("a") as file:
        file.write(entry(3, MESSAGE="three"))
    async with tailing.running(CONFIG.format(more="")):
        assert await tailing.wait_for_lines(3) == ["one", "two", "three"]
    first, second = (journal.parent / "asked").read_text().splitlines()
    assert "--since=@" in first and "--after-cursor" not in first  # noqa: PT018
    assert "--after-cursor=s=1;t=" in second
    assert first.endswith("_TRANSPORT=syslog")


async def test_whole_entries_as_json(tailing: Tailing, journal: Path) -> None:
    write(journal, entry(1, MESSAGE="a<b", _PID="7"))
    async with tailing.running(CONFIG.format(more=", json: true")):
        assert await tailing.wait_for_lines(1) == ['{"MESSAGE":"a\\u003cb","_PID":"7"}']


async def test_without_the_program_there_is_one_warning(
    tailing: Tailing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    with caplog.at_level(logging.WARNING):
        async with tailing.running(CONFIG.format(more="")) as manager:
            await tailing.wait_for(lambda: any(one.error for one in manager.status().sources))
    assert [record.getMessage() for record in caplog.records] == [
        "job journal: journalctl is not installed: the journal cannot be read"
    ]


def test_fields_of_all_forms() -> None:
    line = b'{"A":"x","B":null,"C":[72,105,255],"D":["one","two"],"E":[[72],[73]]}'
    assert read_fields(line) == {"A": "x", "C": "Hi�", "D": "two", "E": "I"}
    assert read_fields(b"-- No entries --") is None


@pytest.mark.parametrize(("priority", "keyword"), [("0", "emerg"), ("7", "debug"), ("9", "9")])
def test_priorities(priority: str, keyword: str) -> None:
    facts = journal_facts({"PRIORITY": priority, "_UID": "0"})
    assert facts["__journal_priority_keyword"] == keyword
    assert facts["__journal__uid"] == "0"


def test_json_is_sorted_and_safe_in_html() -> None:
    assert json_line({"b": "&", "a": ">"}) == '{"a":"\\u003e","b":"\\u0026"}'


def test_the_time_in_a_cursor() -> None:
    assert cursor_time_us("s=a;i=1;b=c;m=1;t=10;x=f") == 16
    assert cursor_time_us("nothing") == 0
