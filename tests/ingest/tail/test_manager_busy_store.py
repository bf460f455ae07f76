"""Tailing goes on when the store cannot take something for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from appliance.base.errors import Unavailable
from appliance.ingest.tail.saved import imported_mark
from appliance.store.logs.store import LogStore
from tests.ingest.tail.tailing import Tailing, job


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db")
    yield found
    found.close()


class BusyAtFirst:
    """A store that refuses the first request."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self.refused = 0

    def append_many(self, requests: Sequence[Any], marks: Mapping[str, str]) -> Future[None]:
        if not self.refused:
            self.refused += 1
            raise Unavailable("the logs store has too much waiting to be written")
        return self._store.append_many(requests, marks)


async def test_that_positions_were_taken_over_is_noted_when_the_store_has_room_again(
    tailing: Tailing, tmp_path: Path
) -> None:
    file, positions = tmp_path / "a.log", tmp_path / "positions.yaml"
    file.write_text("read before\nnew\n")
    positions.write_text(f'positions:\n  {file}: "12"\n')
    appender = BusyAtFirst(tailing.store)
    mark = imported_mark(str(positions))
    async with tailing.running(job(file), appender=appender):
        assert await tailing.wait_for_lines(1) == ["new"]
        await tailing.wait_for(lambda: mark in tailing.store.marks(mark))
    assert appender.refused == 1
