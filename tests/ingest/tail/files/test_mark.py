"""Marks as the store keeps them."""

from __future__ import annotations

import pytest

from appliance.ingest.tail.files.mark import FileMark, decode_mark, fingerprint, job_of, mark_name


def test_a_mark_is_what_it_was() -> None:
    mark = FileMark(
        "/a.log", 1, 2, 300, fingerprint(b"x"), is_skipping=True, held=((10, 20), (20, 30)), at_ns=5
    )
    assert decode_mark(mark.encode()) == mark


@pytest.mark.parametrize("text", ["", "17 3", "[]", '{"path": 1}', '{"file": [1], "path": "x"}'])
def test_what_is_no_mark_of_a_file_is_none(text: str) -> None:
    assert decode_mark(text) is None


@pytest.mark.parametrize("job", ["app", "a/b", "50%", "a/file/b", "ä"])
def test_the_job_is_in_the_name(job: str) -> None:
    name = mark_name(job, (1, 2), 3)
    assert job_of(name) == job
    assert name.count("/") == 4


def test_only_the_last_bytes_count() -> None:
    assert fingerprint(b"a" * 100 + b"b" * 64) == fingerprint(b"b" * 64)
    assert fingerprint(b"") == ""


def test_a_look_may_be_older_than_the_mark() -> None:
    assert FileMark("a", 1, 2, 3, at_ns=60 * 10**9).seen_ns == 55 * 10**9
    assert FileMark("a", 1, 2, 3).seen_ns == 0
