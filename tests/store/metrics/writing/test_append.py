"""Writing: late columns, ids written once, replay."""

from __future__ import annotations

import contextlib
import math
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.base.errors import BadInput, LimitExceeded, Unavailable
from appliance.model.sample import ABSENT, ABSENT_BITS
from appliance.store.metrics.writing import inbox
from tests.store.metrics.conftest import batch_of, name_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from tests.store.metrics.conftest import Bench


def inbox_kinds(bench: Bench) -> list[str]:
    with bench.store._database.reader() as connection:
        rows = [inbox.decode(data) for _, _, data in inbox.read_all(connection)]
    return [
        "loose"
        if isinstance(row, inbox.LooseRow)
        else ("ids" if row.timestamp_ms is None else "full" if row.ids is not None else "short")
        for row in rows
    ]


def test_samples_are_found_when_their_future_ended_and_after_reopening(bench: Bench) -> None:
    bench.scrape(10, {"m": 1.0, "n": 2.0})
    bench.push(("p", 5, 3.0), ("m", 20, 4.0))
    expected = {"m": {10: 1.0, 20: 4.0}, "n": {10: 2.0}, "p": {5: 3.0}}
    assert bench.read() == expected
    bench.reopen()
    assert bench.read() == expected


def test_ids_are_written_when_they_change(bench: Bench) -> None:
    for time in (1, 2, 3):
        bench.scrape(time, {"m": 1.0, "n": 2.0})
    bench.scrape(4, {"m": 1.0})
    bench.scrape(5, {"m": 1.0})
    assert inbox_kinds(bench) == ["full", "short", "short", "full", "short"]


def test_ids_outlive_the_sealed_row_that_had_them(bench: Bench) -> None:
    bench.scrape(1, {"m": 1.0, "n": 2.0})
    assert bench.store.seal(force=True) == 1
    assert inbox_kinds(bench) == ["ids"]
    bench.scrape(2, {"m": 3.0, "n": 4.0})
    assert inbox_kinds(bench) == ["ids", "short"]
    bench.reopen()
    bench.scrape(3, {"m": 5.0, "n": 6.0})
    assert inbox_kinds(bench) == ["ids", "short", "short"]
    bench.reopen()
    assert bench.read() == {"m": {1: 1.0, 2: 3.0, 3: 5.0}, "n": {1: 2.0, 2: 4.0, 3: 6.0}}
    bench.scrape(4, {"n": 7.0})
    bench.store.seal(force=True)
    assert inbox_kinds(bench) == ["ids"]


def test_late_columns_are_loose_and_lose_to_what_is_there(bench: Bench) -> None:
    bench.scrape(10, {"m": 1.0})
    bench.scrape(5, {"m": 2.0, "n": 3.0, "gone": ABSENT})
    bench.scrape(10, {"m": 4.0, "n": 5.0})
    assert inbox_kinds(bench) == ["full", "loose", "loose"]
    expected = {"m": {5: 2.0, 10: 1.0}, "n": {5: 3.0, 10: 5.0}}
    assert bench.read() == expected
    bench.reopen()
    assert bench.read() == expected


def test_absent_bits_in_a_push_are_an_ordinary_nan(bench: Bench) -> None:
    odd = float(np.array([ABSENT_BITS], dtype=np.uint64).view(np.float64)[0])
    bench.push(("m", 1, odd))
    assert math.isnan(bench.read()["m"][1])


def test_columns_of_one_transaction_are_all_replayed(bench: Bench) -> None:
    ids = bench.store.resolve("a", [name_of(f"m{n}") for n in range(20)])
    futures = [
        bench.store.append_column(
            "a", "g", time, ids[: 10 + time % 2], np.full(10 + time % 2, time)
        )
        for time in range(50)
    ]
    for future in futures:
        future.result(5)
    before = bench.read()
    assert len(before["m0"]) == 50
    assert len(before["m10"]) == 25
    bench.reopen()
    assert bench.read() == before


@contextlib.contextmanager
def one_transaction(bench: Bench) -> Iterator[None]:
    """What is queued inside waits for the writer together."""
    gate, entered = threading.Event(), threading.Event()

    def block(_: sqlite3.Connection) -> None:
        entered.set()
        gate.wait(5)

    bench.store._database.write(block)
    entered.wait(5)
    yield
    gate.set()


def test_columns_stay_columns_when_another_job_fails(bench: Bench) -> None:
    """A job that fails makes the writer run the others of its transaction again."""

    def fail(_: sqlite3.Connection) -> None:
        raise BadInput("no")

    store = bench.store
    ids = store.resolve("a", [name_of("m")])
    with one_transaction(bench):
        column = np.array([1.0])
        futures = [store.append_column("a", "g", time, ids, column) for time in range(3)]
        failing = store._database.write(fail)
    for future in futures:
        future.result(5)
    with pytest.raises(BadInput):
        failing.result(5)
    assert inbox_kinds(bench) == ["full"] * 3
    assert bench.read() == {"m": {0: 1.0, 1: 1.0, 2: 1.0}}


def test_ids_outlive_a_seal_between_the_columns_that_use_them(bench: Bench) -> None:
    """The seventh column refers to the first one's ids, the sixth has others; six are sealed."""
    for time in range(5):
        bench.scrape(time, {"m": 1.0})
    ids = bench.store.resolve("a", [name_of("m"), name_of("n")])
    with one_transaction(bench):
        bench.store.append_column("a", "g", 5, ids, np.array([2.0, 2.0]))
        last = bench.store.append_column("a", "g", 6, ids[:1], np.array([3.0]))
    last.result(5)
    assert inbox_kinds(bench) == ["full", *["short"] * 4, "full", "short"]
    before = bench.read()
    bench.store.seal()
    assert inbox_kinds(bench) == ["ids", "ids", "short"]
    bench.reopen()
    assert bench.read() == before


def test_columns_without_samples_leave_nothing_behind(bench: Bench) -> None:
    bench.scrape(1, {})
    bench.scrape(2, {"m": ABSENT})
    assert bench.read() == {}
    assert bench.store.seal(force=True) == 0
    bench.scrape(3, {"m": 1.0})
    bench.reopen()
    assert bench.read() == {"m": {3: 1.0}}


def test_series_limit_refuses_the_whole_request(bench: Bench) -> None:
    bench.options["series_per_tenant"] = 2
    bench.reopen()
    bench.push(("m", 1, 1.0), ("n", 1, 1.0))
    with pytest.raises(LimitExceeded, match="series_per_tenant"):
        bench.push(("m", 2, 1.0), ("x", 2, 1.0))
    bench.push(("m", 3, 1.0))
    bench.push(("x", 3, 1.0), tenant="other")
    assert bench.read() == {"m": {1: 1.0, 3: 1.0}, "n": {1: 1.0}}


def test_damaged_inbox_row_is_skipped_and_counted(bench: Bench) -> None:
    for time in (1, 2, 3):
        bench.push(("m", time, 1.0))
    bench.store._database.write(
        lambda c: c.execute("UPDATE inbox SET data=x'00' WHERE id=(SELECT min(id)+1 FROM inbox)")
    ).result(5)
    bench.reopen()
    assert bench.read() == {"m": {1: 1.0, 3: 1.0}}
    assert bench.metric("appliance_store_damaged_blocks_total") == 1


def test_writes_after_close_are_refused(bench: Bench) -> None:
    bench.store.close()
    with pytest.raises(Unavailable):
        bench.store.append("a", batch_of(("m", 1, 1.0)))
