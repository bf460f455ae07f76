"""One job's files, looked at by hand."""

from __future__ import annotations

import gzip
import logging
import os
from pathlib import Path

import pytest

from appliance.ingest.tail.files.job_files import DRAIN_SECONDS, JobFiles
from appliance.ingest.tail.files.mark import FileMark, decode_mark
from appliance.ingest.tail.files.tailed_file import BLOCK_BYTES
from appliance.ingest.tail.targets import FileTarget
from appliance.model.labels import Labels


def target(pattern: object, *, labels: str = "", **given: object) -> FileTarget:
    shown = Labels.of({"x": labels})
    return FileTarget("app", str(pattern), "", shown, Labels(), **given)  # type: ignore[arg-type]


def job(*targets: FileTarget, marks: dict[str, FileMark] | None = None, **given: int) -> JobFiles:
    files = JobFiles(dict(marks or {}), {}, **given)
    files.set_targets(targets, 0)
    return files


def read(files: JobFiles, now: float) -> list[tuple[str, bytes]]:
    """Everything there is to read at a time: path and data of each block."""
    files.find(now)
    files.look(now)
    found = []
    while (block := files.next_block(now)) is not None:
        found.append((Path(block.file.path).name, block.data))
    return found


def marks_of(files: JobFiles) -> dict[str, FileMark]:
    encoded = {file.mark_name: file.mark(1).encode() for file in files.files}
    return {name: mark for name, text in encoded.items() if (mark := decode_mark(text))}


def test_two_targets_read_a_file_each_with_a_mark_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    targets = target(path, labels="1"), target(path, labels="2")
    files = job(*targets)
    assert len(read(files, 0.0)) == 2
    marks = marks_of(files)
    assert len(marks) == 2
    files.close()
    path.write_bytes(b"one\ntwo\n")
    again = job(*targets, marks=marks)
    assert [data for _, data in read(again, 0.0)] == [b"two\n", b"two\n"]
    again.close()


def test_a_mark_that_a_new_file_has_taken_over_is_not_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    files = job(target(path))
    read(files, 0.0)
    path.rename(tmp_path / "elsewhere")
    read(files, 1.0)
    read(files, 2.0 + DRAIN_SECONDS)
    assert not files.files
    (tmp_path / "elsewhere").rename(path)
    read(files, 3.0 + DRAIN_SECONDS)
    assert len(files.files) == 1
    assert files.take_gone() == []
    files.close()


def test_few_descriptors_are_kept(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.log").write_bytes(b"x\n")
    files = job(target(tmp_path / "*.log"), max_open=5)
    assert len(read(files, 0.0)) == 20
    assert sum(file.is_open for file in files.files) == 5
    (tmp_path / "0.log").write_bytes(b"x\ny\n")
    assert read(files, 1.0) == [("0.log", b"y\n")]
    files.close()


def test_looking_keeps_no_descriptors(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.log").write_bytes(b"x\n")
    files = job(target(tmp_path / "*.log"), max_open=1)
    files.find(0.0)
    files.look(0.0)
    assert not any(file.is_open for file in files.files)
    assert len(read(files, 0.0)) == 5
    for number in range(5):
        (tmp_path / f"{number}.log").write_bytes(b"y\n")
    files.look(1.0)
    assert sum(file.is_open for file in files.files) == 1
    files.close()


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a" * (3 * BLOCK_BYTES) + b"\nnext\n")
    files = job(target(path))
    assert [data for _, data in read(files, 0.0)] == [b"a" * BLOCK_BYTES, b"next\n"]
    files.close()


def test_a_crash_within_a_long_line_does_not_make_a_line_of_its_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a" * (BLOCK_BYTES + 100))
    files = job(target(path))
    assert len(read(files, 0.0)) == 1
    marks = marks_of(files)
    files.close()
    path.write_bytes(b"a" * (BLOCK_BYTES + 200) + b"\nnext\n")
    again = job(target(path), marks=marks)
    assert read(again, 0.0) == [("a.log", b"next\n")]
    again.close()


def test_a_hole_left_by_truncation_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("wb") as file:
        file.write(b"old\n")
    files = job(target(path))
    read(files, 0.0)
    with path.open("r+b") as file:  # a writer that does not append, after copytruncate
        file.truncate(0)
        file.seek(3 * BLOCK_BYTES)
        file.write(b"new\n")
    blocks = read(files, 1.0)
    assert b"".join(data for _, data in blocks).lstrip(b"\0") == b"new\n"
    assert sum(len(data) for _, data in blocks) <= BLOCK_BYTES + 4
    files.close()


def test_a_rotated_file_is_let_go_with_its_last_line_when_nothing_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo")
    files = job(target(path))
    assert read(files, 0.0) == [("a.log", b"one\n")]
    name = files.files[0].mark_name
    path.rename(tmp_path / "a.log.1")
    assert read(files, 1.0) == []
    assert read(files, DRAIN_SECONDS) == []
    assert read(files, DRAIN_SECONDS + 1.0) == [("a.log", b"two")]
    assert files.files == []
    assert files.take_gone() == [name]
    assert files.take_gone() == []


def test_a_deleted_file_is_let_go_soon(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    files = job(target(path))
    read(files, 0.0)
    path.unlink()
    read(files, 1.0)
    assert len(files.files) == 1
    read(files, 6.0)
    assert files.files == []


def test_a_file_with_held_lines_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    files = job(target(path))
    read(files, 0.0)
    [file] = files.files
    file.held = ((0, 4),)
    path.unlink()
    read(files, 1.0)
    read(files, 10.0)
    assert files.files == [file]
    file.held = ()
    read(files, 11.0)
    assert files.files == []


def test_a_link_and_its_file_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    (tmp_path / "b.log").symlink_to(path)
    files = job(target(tmp_path / "*.log"))
    assert len(read(files, 0.0)) == 1
    files.close()


def test_a_link_that_leads_elsewhere_is_a_rotation(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_bytes(b"one\n")
    (tmp_path / "2.txt").write_bytes(b"two\n")
    link = tmp_path / "a.log"
    link.symlink_to("1.txt")
    files = job(target(link))
    assert read(files, 0.0) == [("a.log", b"one\n")]
    link.unlink()
    link.symlink_to("2.txt")
    assert read(files, 1.0) == [("a.log", b"two\n")]
    files.close()


def test_marks_of_files_that_are_nowhere_are_forgotten_after_a_while(tmp_path: Path) -> None:
    marks = {"old": FileMark(str(tmp_path / "x"), 1, 2, 3, at_ns=5)}
    files = job(target(tmp_path / "*.log"), marks=marks)
    files.drop_left_over(before_ns=5)
    assert files.take_gone() == []
    files.drop_left_over(before_ns=6)
    assert files.take_gone() == ["old"]


def test_promtail_counts_lines_of_compressed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"".join(b"%d\n" % n for n in range(300_000))))
    adopted: dict[tuple[int, int] | str, FileMark] = {str(path): FileMark(str(path), 0, 0, 299_998)}
    files = JobFiles({}, adopted)
    files.set_targets([target(path, decompressed=True)], 0)
    assert read(files, 0.0) == [("a.gz", b"299998\n299999\n")]
    files.close()


def test_a_closed_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # tests may run as root
    files = job(target(tmp_path / "*.log"))
    with caplog.at_level(logging.WARNING):
        files.find(0.0)
        files.find(1.0)
    [record] = caplog.records
    assert "permission denied" in record.getMessage()
