"""Files that are copied and truncated: every line is read once, over kills at any instant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance.ingest.tail.files.job_files import DRAIN_SECONDS
from tests.ingest.tail.files.copied import Follower, Log


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


@pytest.fixture
def first(log: Log) -> Follower:
    """It has read line 1."""
    log.add(1)
    follower = Follower(log)
    assert follower.turn() == [1]
    return follower


def settled(follower: Follower, since: float) -> list[int]:
    """What some more rounds find."""
    return [line for step in range(1, 40) for line in follower.turn(since + step / 4)]


def found_again(log: Log, first: Follower) -> list[int]:
    """What a follower finds that begins where another one was killed."""
    again = Follower(log, first)
    return again.turn() + settled(again, 0.0)


def test_a_kill_after_a_truncation_between_two_reads_of_a_round(log: Log) -> None:
    log.add(1, 2)
    first = Follower(log)
    first.look()
    assert first.block() == [1, 2]
    log.add(3)
    log.rotate(1)
    log.add(4)
    assert first.block() is None
    first.deliver()
    assert found_again(log, first) == [3, 4]


def test_a_copy_of_what_is_not_truncated_yet_is_not_read(log: Log, first: Follower) -> None:
    log.rotate(1)
    assert first.turn(1.0) == []
    log.add(2, 3)
    log.copy(2)
    found = first.turn(2.0)
    log.truncate()
    log.add(4)
    assert found + settled(first, 2.0) == [2, 3, 4]


def test_a_start_between_copy_and_truncation(log: Log, first: Follower) -> None:
    log.rotate(1)
    assert first.turn(1.0) == []
    log.add(2, 3)
    log.copy(2)
    again = Follower(log, first)
    found = again.turn()
    log.truncate()
    log.add(4)
    assert found + settled(again, 0.0) == [2, 3, 4]


def test_a_start_between_the_second_copy_and_its_truncation(log: Log, first: Follower) -> None:
    log.add(2)
    log.rotate(1)
    log.add(3)
    log.copy(2)
    again = Follower(log, first)
    found = again.turn()
    log.add(4)
    log.truncate()
    log.add(5)
    # What was added between copy and truncation is nowhere, whoever reads.
    assert [n for n in found + settled(again, 0.0) if n != 4] == [2, 3, 5]


def test_a_copy_like_the_beginning_is_read_when_it_stays_as_it_is(
    log: Log, first: Follower
) -> None:
    log.rotate(1)
    log.add(7)
    log.rotate(2)
    log.add(7, 8)
    assert found_again(log, first) == [7, 7, 8]


def test_a_quiet_file_does_not_bring_its_copy_back(log: Log) -> None:
    log.add(1, 2)
    first = Follower(log)
    assert first.turn() == [1, 2]
    log.rotate(1)
    assert first.turn(1.0) == []
    assert first.turn(2.0 + DRAIN_SECONDS) == []
    assert len(first.files.files) == 1
    again = Follower(log, first)
    assert again.turn() + settled(again, 0.0) == []
    assert again.turn(11.0 + DRAIN_SECONDS) == []
    log.add(3)
    log.rotate(2)
    log.add(4)
    assert again.turn(12.0 + DRAIN_SECONDS) == [3, 4]
    again.turn(13.0 + 2 * DRAIN_SECONDS)
    again.turn(14.0 + 2 * DRAIN_SECONDS)
    assert len(again.stored) == 1


def test_everything_within_one_tick_of_the_clock(log: Log) -> None:
    log.add(1)
    log.write_at_once()
    follower = Follower(log)
    assert follower.turn() == [1]
    log.add(2)
    log.rotate(1)
    log.add(3)
    log.rotate(2)
    log.write_at_once()
    log.add(4)
    assert sorted(follower.turn(1.0) + settled(follower, 1.0)) == [2, 3, 4]


def test_a_first_content_that_was_never_seen(log: Log) -> None:
    follower = Follower(log)
    assert follower.turn() == []
    log.add(1)
    log.rotate(1)
    assert follower.turn(1.0) == [1]
    log.add(2)
    assert follower.turn(2.0) == [2]


def test_a_truncation_between_look_and_read_of_a_new_content(log: Log, first: Follower) -> None:
    log.rotate(1)
    assert first.turn(1.0) == []
    log.add(2)
    first.look(2.0)
    log.rotate(2)
    log.add(3, 4)
    found = first.read(2.0)
    assert found + settled(first, 2.0) == [2, 3, 4]


def test_each_target_reads_the_copy(log: Log) -> None:
    follower = Follower(log, targets=2)
    log.add(1)
    assert follower.turn() == [1, 1]
    log.add(2)
    log.rotate(1)
    assert follower.turn(1.0) == [2, 2]


def test_a_renamed_file_written_to_after_its_successor_came_is_read_once(
    log: Log, first: Follower
) -> None:
    old = log.path.rename(log.path.with_name("a.log.1"))
    log.path.touch()
    with old.open("a") as file:
        file.write("2\n")
    os.utime(log.path, ns=(10**18, 10**18))
    assert first.turn(1.0) == [2]
    assert first.turn(2.0 + DRAIN_SECONDS) == []
    log.add(3)
    assert first.turn(3.0 + DRAIN_SECONDS) == [3]


def test_lines_read_after_the_copy_was_made_do_not_hide_the_next_copies(
    log: Log, first: Follower
) -> None:
    log.copy(1)
    log.add(2)  # in no copy
    assert first.turn(1.0) == [2]
    log.truncate()
    log.add(3)
    log.rotate(2)
    log.add(4)
    assert found_again(log, first) == [3, 4]


def test_a_copy_with_the_inode_of_a_deleted_one_is_read_where_it_has_to_be(
    log: Log, first: Follower
) -> None:
    log.rotate(1)
    log.add(2)
    assert first.turn(1.0) == [2]
    log.add(3)
    # What a file system does that gives a new file the inode of the one just deleted.
    copy = log.path.with_name("a.log.1")
    copy.write_bytes(log.path.read_bytes())
    copy.rename(log.path.with_name("a.log.2"))
    log.truncate()
    log.add(4)
    assert found_again(log, first) == [3, 4]


def test_a_file_that_is_renamed_while_a_copy_is_in_doubt(log: Log, first: Follower) -> None:
    log.rotate(1)
    assert first.turn(1.0) == []
    log.add(2)
    log.copy(2)
    assert first.turn(2.0) == []
    log.truncate()
    log.add(3)
    log.path.rename(log.path.with_name("a.log.3"))
    log.path.touch()
    log.add(4)
    assert sorted(first.turn(3.0) + settled(first, 3.0)) == [2, 3, 4]
