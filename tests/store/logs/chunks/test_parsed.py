"""Parsing of sealed chunks: the same answers with stored fields, without, with damaged ones."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from appliance.lines.column import Fields
from appliance.lines.json_fields import json_fields
from appliance.model.log import LogChunk, PlainLines
from appliance.store.logs.chunks.parsed import parse_fields
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.retention import Retention, RetentionRule
from tests.store.logs.build import Bounds, batch, open_store

A = {"app": "a"}
LINES = [
    f'{{"level":"{"error" if n % 7 == 0 else "info"}","ms":{n % 90},"req":{{"id":"r{n}"}}}}'
    if n % 50
    else f"not json {n}"
    for n in range(400)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with one chunk of 400 lines at the times 0 to 399."""
    store = open_store(tmp_path)
    store.append("t", [batch(A, range(400), LINES)]).result(5)
    store.seal(force=True)
    store.close()
    return tmp_path


def fields(
    store: LogStore, *names: str, parser: str = "json", span: tuple[int, int] = (0, 999)
) -> list[Fields | None]:
    guard = Bounds()
    found = store.source("t").scan(
        (), *span, guard, work=lambda chunk: chunk.lines.fields(parser, names)
    )
    result = list(found)
    assert guard.bytes == 0
    return result


def change(folder: Path, sql: str) -> None:
    connection = sqlite3.connect(folder / "logs.db")
    connection.execute(sql)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("span", [(0, 400), (13, 333), (50, 51), (399, 400)])
def test_stored_fields_are_what_a_parser_finds(folder: Path, span: tuple[int, int]) -> None:
    store = open_store(folder)
    (found,) = fields(store, "level", "ms", "nowhere", span=span)
    store.close()
    assert found is not None
    lines = PlainLines.of([line.encode() for line in LINES[span[0] : span[1]]])
    expected = json_fields(lines.text, lines.offsets)
    assert found.irregular.tolist() == expected.irregular.tolist()
    assert set(found.columns) == {"level", "ms"}
    for name, column in found.columns.items():
        assert column.texts() == (
            expected.columns[name].texts() if name in expected.columns else [None] * len(lines)
        )


def test_what_is_not_stored_is_not_answered(folder: Path) -> None:
    store = open_store(folder)
    assert fields(store, "level", "req_id") == [None]
    assert fields(store, "level", parser="logfmt") == [None]
    store.append("t", [batch(A, range(1000, 1200), LINES[1:201])]).result(5)
    assert fields(store, "level", span=(1000, 2000)) == [None]
    store.close()


def test_columns_are_decoded_once(folder: Path) -> None:
    store = open_store(folder)
    (one,), (other,) = fields(store, "ms"), fields(store, "ms")
    assert one is not None
    assert other is not None
    assert one.columns["ms"].values is other.columns["ms"].values
    store.close()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM chunk_fields",
        "UPDATE chunk_fields SET data=x''",
        "UPDATE chunk_fields SET data=CAST(substr(data, 1, length(data) - 1) AS BLOB)",
        "UPDATE chunk_fields SET data=CAST(substr(data, 1, 30) || x'00' AS BLOB)",
    ],
)
def test_without_sound_columns_lines_are_parsed(
    folder: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    change(folder, damage)
    store = open_store(folder)
    with caplog.at_level(logging.ERROR):
        assert fields(store, "ms") == [None]
        assert list(store.source("t").scan((), 0, 999, Bounds(), work=len)) == [400]
    store.close()
    assert ("table 'chunk_fields' is damaged" in caplog.text) == damage.startswith("UPDATE")


def test_logfmt_lines_have_fields_too(store: LogStore) -> None:
    lines = [f'level=info msg="line {n % 5}" ms={n % 70} id=x{n}' for n in range(300)]
    store.append("t", [batch(A, range(300), lines)]).result(5)
    store.seal(force=True)
    (found,) = fields(store, "level", "msg", "ms", parser="logfmt", span=(7, 9))
    assert found is not None
    assert {name: column.texts() for name, column in found.columns.items()} == {
        "level": ["info", "info"],
        "msg": ["line 2", "line 3"],
        "ms": ["7", "8"],
    }
    assert fields(store, "id", parser="logfmt") == [None]
    assert fields(store, "level") == [None]


def test_fields_go_with_their_chunk(folder: Path) -> None:
    store = open_store(folder)
    assert store.retain(Retention((RetentionRule(0),))).blocks == 1
    store.close()
    connection = sqlite3.connect(folder / "logs.db")
    assert connection.execute("SELECT count(*) FROM chunk_fields").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    "lines",
    [
        [b"plain text"] * 200,
        [b"a=b and text"] * 200,
        [b'{"a":1}'] * 20,
        [b'{"a":1}', *[b"x"] * 199],
        [b""] * 200,
    ],
)
def test_other_lines_have_no_fields(lines: list[bytes]) -> None:
    assert parse_fields(PlainLines.of(lines), 1 << 20) is None


def test_parsing_waits_while_there_is_something_to_seal(tmp_path: Path) -> None:
    store = open_store(tmp_path, LogOptions(chunk_bytes=10_000))
    store.append("t", [batch(A, range(400), LINES)]).result(5)
    compactor = store._compactor
    for number in range(3):
        times = range(1000 * number, 1000 * number + 400)
        store.append("t", [batch({"app": str(number)}, times, LINES)]).result(5)
    busy = [True, True, False]
    compactor._fields.add([99])  # no such chunk: nothing happens
    compactor._fields.run(lambda: busy.pop(0) if busy else False)
    assert busy == [True, False]
    store.seal()

    def has_fields(chunk: LogChunk) -> bool:
        return chunk.lines.fields("json", ["level"]) is not None

    assert all(store.source("t").scan((), 0, 9999, Bounds(), work=has_fields))
    store.close()


def test_numbers_of_rows_stay_int32(folder: Path) -> None:
    store = open_store(folder)
    (found,) = fields(store, "ms")
    assert found is not None
    assert found.columns["ms"].codes.dtype == np.int32
    assert found.irregular.dtype == np.int64
    store.close()
