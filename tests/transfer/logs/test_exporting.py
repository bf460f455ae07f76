"""Entries into a file."""

from __future__ import annotations

import io

from appliance.transfer.logs.exporting import Exported, export_all
from appliance.transfer.logs.pages import Selection
from appliance.transfer.logs.rows import read_row
from tests.transfer.logs.test_pages import PlainLoki


def test_all_entries_are_written_in_order_of_time() -> None:
    server = PlainLoki([("a", time, f"line {time}") for time in (3, 1, 9, 7, 5)])
    file, seen = io.BytesIO(), []

    def progress(done: Exported) -> None:
        seen.append((done.entries, round(done.ratio, 1)))

    done = export_all(server, Selection('{app="x"}', 0, 10, page=3), file, progress=progress)
    assert done.entries == 5
    lines = file.getvalue().splitlines()
    assert [read_row(line).time_ns for line in lines] == [1, 3, 5, 7, 9]
    assert seen == [(2, 0.3), (4, 0.7), (5, 0.9)]
