"""Lines that say impossible times hold up nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.tail.tailing import Tailing, job


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("form", "time"),
    [
        ("RFC3339", "9999-12-31T23:59:59Z"),
        ("RFC3339", "0000-01-01T00:00:00Z"),
        ("Unix", "99999999999999999"),
        ("UnixNs", "99999999999999999999999"),
        ("UnixMs", "9" * 5000),
    ],
)
async def test_a_line_with_a_time_beyond_all_bounds_is_refused_and_the_rest_goes_on(
    tailing: Tailing, tmp_path: Path, form: str, time: str
) -> None:
    file = tmp_path / "a.log"
    file.write_text(f"{time} odd\nnone even\n")
    stages = f"""\
    pipeline_stages:
      - regex: {{expression: '^(?P<t>\\S+)'}}
      - timestamp: {{source: t, format: {form}, action_on_failure: skip}}
"""
    async with tailing.running(job(file, rest=stages)):
        assert await tailing.wait_for_lines(1) == ["none even"]
