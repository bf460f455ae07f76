"""Tailing as a whole: files to store, restart, reload, status."""

from __future__ import annotations

import asyncio
import errno
import gzip
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.ingest.tail.files import tailed_file
from appliance.ingest.tail.files.content import CompressedContent, PlainContent, open_content
from appliance.ingest.tail.manager import TailSetup
from tests.ingest.tail.tailing import FAST, Tailing, config_of, job

MULTILINE = """\
    pipeline_stages:
      - multiline: {firstline: '^\\S', max_wait_time: 60s}
"""


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db")
    yield found
    found.close()


def refuse_a(path: str, *, decompressed: bool) -> PlainContent | CompressedContent:
    if path.endswith("a.log"):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return open_content(path, decompressed=decompressed)


def append(path: Path, *lines: str, end: str = "\n") -> None:
    with path.open("a") as file:
        file.write("\n".join(lines) + end)


def copytruncate(path: Path, number: int) -> None:
    shutil.copyfile(path, path.with_name(f"{path.name}.{number}"))
    os.truncate(path, 0)


async def test_lines_have_labels_filename_and_times_of_their_own(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "same", "same", "other")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(3)
    found = tailing.entries()
    assert [line for _, _, line in found] == ["same", "same", "other"]
    assert found[0][0] == {"job": "app", "filename": str(file)}
    assert len({time for _, time, _ in found}) == 3


async def test_new_files_and_new_lines_are_found(tailing: Tailing, tmp_path: Path) -> None:
    async with tailing.running(job(tmp_path / "*.log")) as manager:
        append(tmp_path / "a.log", "one")
        await manager.refresh()
        await tailing.wait_for_lines(1)
        append(tmp_path / "a.log", "two")
        assert await tailing.wait_for_lines(2) == ["one", "two"]


async def test_a_line_without_its_newline_waits(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "whole", "par", end="")
    async with tailing.running(job(file)):
        assert await tailing.wait_for_lines(1) == ["whole"]
        append(file, "tial")
        assert await tailing.wait_for_lines(2) == ["whole", "partial"]


async def test_a_restart_goes_on_where_it_was(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "one", "two")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(2)
    append(file, "three")
    async with tailing.running(job(file)):
        assert await tailing.wait_for_lines(3) == ["one", "two", "three"]


async def test_rotation_by_rename_finishes_the_old_file(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "one")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(1)
        file.rename(tmp_path / "a.log.1")
        append(tmp_path / "a.log.1", "two, by the writer that has the old file open")
        append(file, "three")
        lines = await tailing.wait_for_lines(3)
    assert set(lines) == {"one", "two, by the writer that has the old file open", "three"}
    assert {labels["filename"] for labels, _, _ in tailing.entries()} == {str(file)}


async def test_rotations_while_nobody_looks_lose_nothing(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "one")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(1)
    append(file, "two")
    file.rename(tmp_path / "a.log.2")
    append(tmp_path / "a.log.1", "three")
    append(file, "four")
    async with tailing.running(job(file)):
        assert set(await tailing.wait_for_lines(4)) == {"one", "two", "three", "four"}


@pytest.mark.parametrize("pattern", ["a.log", "*.log"])
async def test_a_rotated_file_without_a_successor_is_read_to_its_end(
    tailing: Tailing, tmp_path: Path, pattern: str
) -> None:
    file = tmp_path / "a.log"
    append(file, "one")
    async with tailing.running(job(tmp_path / pattern)):
        await tailing.wait_for_lines(1)
    append(file, "two")
    file.rename(tmp_path / "a.log.1")
    async with tailing.running(job(tmp_path / pattern)):
        assert await tailing.wait_for_lines(2) == ["one", "two"]


async def test_a_renamed_file_that_the_pattern_matches_is_not_read_again(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "one")
    async with tailing.running(job(tmp_path / "a.log*")) as manager:
        await tailing.wait_for_lines(1)
        file.rename(tmp_path / "a.log.1")
        append(file, "two")
        await manager.refresh()
        await tailing.wait_for_lines(2)
    async with tailing.running(job(tmp_path / "a.log*")):
        append(file, "three")
        assert await tailing.wait_for_lines(3) == ["one", "two", "three"]


@pytest.mark.parametrize(
    "content", ["x\n", "new line\n", "a new and much longer line than before\n"]
)
async def test_copytruncate_starts_again(tailing: Tailing, tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.log"
    append(file, "old line")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(1)
        file.write_text(content)
        assert await tailing.wait_for_lines(2) == ["old line", content.strip()]


async def test_what_was_not_read_before_a_copytruncate_is_read_from_the_copy(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "one")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(1)
        append(file, "two")
        copytruncate(file, 1)
        append(file, "three")
        assert await tailing.wait_for_lines(3) == ["one", "two", "three"]
    append(file, "four")
    copytruncate(file, 2)
    append(file, "five")
    copytruncate(file, 3)
    append(file, "six")
    for _ in range(2):
        async with tailing.running(job(file)):
            await tailing.wait_for_lines(6)
    assert tailing.lines() == ["one", "two", "three", "four", "five", "six"]


async def test_lines_held_before_a_copytruncate_are_joined_from_the_copy(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "first", " more of it", "second")
    text = job(file, rest=MULTILINE)
    async with tailing.running(text):
        await tailing.wait_for_lines(1)
    append(file, " more")
    copytruncate(file, 1)
    append(file, "third", "fourth")
    async with tailing.running(text):
        lines = await tailing.wait_for_lines(3)
    assert lines == ["first\n more of it", "second\n more", "third"]


async def test_lines_held_when_a_file_is_truncated_are_read_again_after_a_restart(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "first", " more of it", "second")
    text = job(file, rest=MULTILINE)
    async with tailing.running(text):
        await tailing.wait_for_lines(1)
        copytruncate(file, 1)
        await tailing.wait_for(lambda: len(tailing.store.marks("tail/app/file/")) == 2)
    append(file, "third", "fourth")
    async with tailing.running(text):
        assert await tailing.wait_for_lines(3) == ["first\n more of it", "second", "third"]


async def test_older_files_beside_are_no_copies(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(tmp_path / "a.log.1", "same", "older")
    append(file, "same")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(1)
        append(tmp_path / "a.log.2", "something else that is longer")
        file.write_text("new\n")
        assert await tailing.wait_for_lines(2) == ["same", "new"]


async def test_a_file_replaced_while_nobody_looks_is_read_from_its_start(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "old line")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(1)
    file.write_text("new line\n")  # same inode, same size
    async with tailing.running(job(file)):
        assert await tailing.wait_for_lines(2) == ["old line", "new line"]


async def test_held_lines_are_read_again_after_a_restart_and_others_are_not(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "first", " more of it", "second")
    text = job(file, rest=MULTILINE)
    async with tailing.running(text):
        await tailing.wait_for_lines(1)
    append(file, " more", "third")
    async with tailing.running(text):
        lines = await tailing.wait_for_lines(2)
    assert lines == ["first\n more of it", "second\n more"]


async def test_a_reload_that_changes_stages_gives_out_what_the_old_ones_hold(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "first", " more of it")
    async with tailing.running(job(file, rest=MULTILINE)) as manager:
        await tailing.wait_for(lambda: [one.lines for one in manager.status().sources] == [2])
        setup = TailSetup(config_of(FAST + job(file)), Path("promtail.yml"))
        await manager.apply(setup)
        append(file, " plain")
        assert await tailing.wait_for_lines(2) == ["first\n more of it", " plain"]


async def test_reloads_while_lines_come_lose_and_repeat_nothing(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    file.touch()
    texts = [job(file), job(file, rest=MULTILINE.replace("60s", "20ms"))]
    async with tailing.running(texts[0]) as manager:
        for number in range(600):
            append(file, f"{number}")
            await asyncio.sleep(0)
            if number % 60 == 59:
                text = texts[number // 60 % 2]
                await manager.apply(TailSetup(config_of(FAST + text), Path("promtail.yml")))
        lines = await tailing.wait_for_lines(600)
    assert sorted(map(int, lines)) == list(range(600))


async def test_a_renamed_job_does_not_read_its_files_again(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    append(file, "one")
    async with tailing.running(job(file, name="old")):
        await tailing.wait_for_lines(1)
    append(file, "two")
    async with tailing.running(job(file, name="new")):
        assert await tailing.wait_for_lines(2) == ["one", "two"]


async def test_promtails_positions_are_taken_over_once(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "read by promtail", "new")
    positions = tmp_path / "positions.yaml"
    positions.write_text(f'positions:\n  {file}: "17"\n')
    async with tailing.running(job(file)):
        assert await tailing.wait_for_lines(1) == ["new"]
        await tailing.wait_for(lambda: "'21'" in positions.read_text())
    file.unlink()
    append(file, "of another file that is longer")
    async with tailing.running(job(file)):
        lines = await tailing.wait_for_lines(2)
    assert lines == ["new", "of another file that is longer"]


async def test_compressed_files_are_read_once(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log.gz"
    file.write_bytes(gzip.compress(b"one\ntwo\nthree"))
    text = job(file, rest="    decompression: {enabled: true, format: gz}\n")
    for _ in range(2):
        async with tailing.running(text):
            assert await tailing.wait_for_lines(3) == ["one", "two", "three"]


async def test_excluded_files_are_left_out(tailing: Tailing, tmp_path: Path) -> None:
    append(tmp_path / "a.log", "kept")
    append(tmp_path / "b.log", "left out")
    text = job(tmp_path / "{a,b}.log").replace(
        "__path__", f'__path_exclude__: "{tmp_path}/b*", __path__'
    )
    async with tailing.running(text) as manager:
        await tailing.wait_for_lines(1)
        assert [source.name for source in manager.status().sources] == [str(tmp_path / "a.log")]


async def test_an_unreadable_file_is_one_warning_and_the_others_go_on(
    tailing: Tailing,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append(tmp_path / "a.log", "secret")
    append(tmp_path / "b.log", "open")
    monkeypatch.setattr(tailed_file, "open_content", refuse_a)  # tests may run as root
    with caplog.at_level(logging.WARNING):
        async with tailing.running(job(tmp_path / "*.log")) as manager:
            assert await tailing.wait_for_lines(1) == ["open"]
            errors = {source.name: source.error for source in manager.status().sources}
    assert "chmod" in errors[str(tmp_path / "a.log")]
    assert len([record for record in caplog.records if "a.log" in record.getMessage()]) == 1


async def test_own_metrics_have_promtails_names(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "one", "two")
    async with tailing.running(job(file)):
        await tailing.wait_for_lines(2)
    exposed = tailing.telemetry.expose().decode()
    assert f'promtail_read_lines_total{{path="{file}"}} 2.0' in exposed
    assert f'promtail_read_bytes_total{{path="{file}"}} 8.0' in exposed
