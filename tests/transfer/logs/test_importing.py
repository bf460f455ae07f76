"""Reading files of entries and sending them."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput
from appliance.transfer.logs.importing import Imported, Reading, import_all, read_rows
from appliance.transfer.logs.rows import Row, write_row
from appliance.transfer.session import Session


class Taking(Session):
    """A server that takes everything, or refuses what comes after some requests."""

    def __init__(self, refuse_after: int = 1000) -> None:
        super().__init__("http://nowhere", ManualClock())
        self.bodies: list[bytes] = []
        self._refuse_after = refuse_after

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        assert path == "/loki/api/v1/push"
        assert headers == {"Content-Type": "application/json"}
        if len(self.bodies) == self._refuse_after:
            raise BadInput("HTTP 400: too far behind")
        self.bodies.append(body)
        return b""


def rows(text: bytes, **how: object) -> list[Row]:
    reading = Reading("file", **how)  # type: ignore[arg-type]
    return [row for row, _ in read_rows(text.splitlines(keepends=True), reading)]


def test_rows_keep_their_time_and_get_labels() -> None:
    row = Row({"app": "x"}, 5, "line", {"m": "1"})
    assert rows(write_row(row) + b"\n" + write_row(row)) == [row, row]
    assert rows(write_row(row), labels={"app": "y", "b": "c"}) == [
        Row({"app": "y", "b": "c"}, 5, "line", {"m": "1"})
    ]


def test_text_is_a_line_each() -> None:
    found = rows(b"one\r\n{}\n\nlast\xff", labels={"app": "x"}, start_ns=100)
    assert [(row.time_ns, row.line) for row in found] == [
        (100, "one"), (101, "{}"), (102, ""), (103, "last\ufffd"),
    ]  # fmt: skip
    assert all(row.stream == {"app": "x"} for row in found)


def test_the_form_can_be_told() -> None:
    line = write_row(Row({}, 5, "x"))
    assert rows(line, is_text=True)[0].line == line.decode().rstrip()
    with pytest.raises(BadInput, match="file:1: no JSON"):
        rows(b"plain", is_text=False)


def test_a_wrong_line_is_named() -> None:
    with pytest.raises(BadInput, match=r"file:2: \"line\" is missing"):
        rows(write_row(Row({}, 5, "x")) + b'{"stream":{}}')


def test_empty_files() -> None:
    assert rows(b"") == []
    server, done = Taking(), Imported()
    import_all(server, [], done)
    assert (server.bodies, done.entries) == ([], 0)


def test_requests_are_bounded_and_sorted_by_stream() -> None:
    server, done = Taking(), Imported()
    given = [(Row({"n": str(i % 2)}, i, "x" * 100, {"m": "1"}), 150) for i in range(12_000)]
    import_all(server, given, done)
    assert (done.entries, done.bytes) == (12_000, 12_000 * 150)
    documents = [orjson.loads(body) for body in server.bodies]
    assert [len(document["streams"]) for document in documents] == [2, 2, 2]
    assert documents[0]["streams"][1]["stream"] == {"n": "1"}
    assert documents[0]["streams"][1]["values"][0] == ["1", "x" * 100, {"m": "1"}]
    sent = [row for one in documents for stream in one["streams"] for row in stream["values"]]
    assert sorted(int(row[0]) for row in sent) == list(range(12_000))


def test_what_was_taken_before_a_refusal_is_counted() -> None:
    server, done = Taking(refuse_after=1), Imported()
    with pytest.raises(BadInput, match="too far behind"):
        import_all(server, [(Row({}, i, "x"), 10) for i in range(12_000)], done)
    assert done.entries == 5000
