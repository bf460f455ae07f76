"""`appliance logs`, `query logql` and `tail` against a real server."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.commands.log_output import common_labels, printer, shown_time
from appliance.commands.log_query import is_log_query, is_metric_query
from appliance.commands.refusal import with_excerpt
from appliance.testing import Appliance
from appliance.transfer.logs.rows import Row, read_row, write_row

NOW = time.time_ns() // 10**9 * 10**9
MINUTE = 60 * 10**9


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=text)


@pytest.fixture(scope="module")
def server() -> Iterator[Appliance]:
    with Appliance(only=["loki"]) as started:
        yield started


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    found = []
    for number in range(120):
        stream = {"app": "shop", "pod": f"p{number % 3}", "service_name": "shop"}
        # Many have the same time, as pages have to cope with.
        time_ns = NOW - MINUTE + number // 30
        level = "error" if number % 10 == 0 else "info"
        metadata = {"detected_level": level, "number": str(number)}
        found.append(Row(stream, time_ns, f"level={level} n={number}", metadata))
    return found


@pytest.fixture(scope="module")
def addr(server: Appliance, rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server that has the rows."""
    address = server.urls["loki"]
    file = tmp_path_factory.mktemp("logs") / "in.ndjson"
    file.write_bytes(b"".join(map(write_row, rows)))
    done = run("logs", "import", str(file), "--addr", address)
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("imported 120 entries in ")
    return address


def test_what_was_imported_is_exported(addr: str, rows: list[Row], tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"
    options = ["--from", "now-1h", "--batch", "20", "--addr", addr, "-o", str(out)]
    done = run("logs", "export", '{app="shop"}', *options)
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("exported 120 entries in ")
    found = [read_row(line) for line in out.read_bytes().splitlines()]
    assert [row.time_ns for row in found] == sorted(row.time_ns for row in rows)
    assert sorted(found, key=lambda row: row.line) == sorted(rows, key=lambda row: row.line)


def test_an_import_twice_stores_nothing_twice(addr: str, rows: list[Row]) -> None:
    text = b"".join(map(write_row, rows[:5])).decode()
    assert run("logs", "import", "-", "--addr", addr, text=text).exit_code == 0
    counted = run("query", "logql", 'sum(count_over_time({app="shop"}[1h]))', "--addr", addr)
    assert json.loads(counted.output)["value"] == "120"


def test_plain_text_is_imported_with_labels(addr: str) -> None:
    given = ["--labels", "app=text", "--labels", "env=test", "--addr", addr]
    assert run("logs", "import", "-", *given, text="one\ntwo\n").exit_code == 0
    asked = ["--addr", addr, "--direction", "forward", "-o", "raw"]
    assert run("query", "logql", '{app="text", env="test"}', *asked).output == "one\ntwo\n"


def test_forms_of_entries(addr: str) -> None:
    query = ["query", "logql", '{app="shop"} |= "error"', "--addr", addr, "--limit", "3"]
    lines = [f"level=error n={number}" for number in (110, 100, 90)]
    assert sorted(run(*query, "-o", "raw").output.splitlines()) == sorted(lines)
    found = [read_row(line.encode()) for line in run(*query).output.splitlines()]
    assert sorted(row.line for row in found) == sorted(lines)
    number = found[0].metadata["number"]
    assert found[0].metadata == {"detected_level": "error", "number": number}
    document = json.loads(run(*query, "-o", "json").output)
    assert document["resultType"] == "streams"
    numbers = {stream["stream"]["number"] for stream in document["result"]}
    assert numbers == {"90", "100", "110"}
    head, first, *_ = csv.reader(io.StringIO(run(*query, "-o", "csv").output))
    assert head == ["time", "app", "detected_level", "number", "pod", "service_name", "line"]
    assert first[1:] == ["shop", "error", number, found[0].stream["pod"], "shop", found[0].line]
    table = run(*query, "-o", "table")
    assert table.stderr == "labels of all: app=shop detected_level=error service_name=shop\n"
    pod = f"pod={found[0].stream['pod']}"
    shown = shown_time(NOW - MINUTE + 3)
    assert table.stdout.splitlines()[0] == f"{shown}  error  number={number} {pod}  {found[0].line}"


def test_more_entries_than_a_page(addr: str) -> None:
    asked = ["--addr", addr, "--limit", "6000", "--direction", "forward", "-o", "raw"]
    assert len(run("query", "logql", '{app="shop"}', *asked).output.splitlines()) == 120


@pytest.mark.parametrize("limit", [1, 7, 30, 31])
@pytest.mark.parametrize("direction", ["backward", "forward"])
def test_as_many_entries_as_asked_for(addr: str, limit: int, direction: str) -> None:
    asked = ["--addr", addr, "--limit", str(limit), "--direction", direction, "-o", "raw"]
    assert len(run("query", "logql", '{app="shop"}', *asked).output.splitlines()) == limit


def test_numbers_now_and_over_a_range(addr: str) -> None:
    query = 'sum by (pod) (count_over_time({app="shop"}[1h]))'
    found = run("query", "logql", query, "--addr", addr, "-o", "csv").output.splitlines()
    assert found[0] == "pod,time,value"
    assert sorted(line.split(",")[::2] for line in found[1:]) == [[f"p{n}", "40"] for n in range(3)]
    ranged = ["--from", "now-10m", "--step", "5m", "-o", "json"]
    assert json.loads(run("query", "logql", query, "--addr", addr, *ranged).output)["result"]


def test_exit_codes(addr: str) -> None:
    nothing = run("query", "logql", '{app="none"}', "--addr", addr, "--fail-empty")
    assert (nothing.exit_code, nothing.output) == (1, "")
    wrong = run("query", "logql", '{app="x"} | = "5"', "--addr", addr)
    assert wrong.exit_code == 2
    assert wrong.stderr.endswith('did you mean `|=`?\n{app="x"} | = "5"\n            ^\n')
    assert run("query", "logql", "{", "--addr", "http://127.0.0.1:1").exit_code == 2
    gone = run("logs", "export", '{app="x"}', "--from", "now-1h", "--addr", "http://127.0.0.1:1")
    assert gone.exit_code == 2
    assert "is the server running?" in gone.stderr
    numbers = run("logs", "export", "vector(1)", "--from", "now-1h", "--addr", addr)
    assert numbers.exit_code == 1
    line = run("logs", "import", "-", "--format", "ndjson", "--addr", addr, text="{}\n")
    assert line.exit_code == 1
    assert 'stdin:1: "line" is missing' in line.stderr
    label = run("logs", "import", "-", "--labels", "app", "--addr", addr, text="")
    assert "'app' is no label; write NAME=VALUE" in label.stderr
    assert run("tail", "vector(1)", "--addr", addr).exit_code == 2


@pytest.mark.timeout(60)
def test_tail_shows_what_comes_until_it_is_interrupted(addr: str) -> None:
    # A shell's background jobs ignore the signal, and so would what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "appliance", "tail", '{app="live"}', "--addr", addr]
    with subprocess.Popen([*command, "-o", "raw"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        run("logs", "import", "-", "--labels", "app=live", "--addr", addr, text="first\n")
        assert process.stdout.readline() == b"first\n"
        run("logs", "import", "-", "--labels", "app=live", "--addr", addr, text="second\n")
        assert process.stdout.readline() == b"second\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_which_queries_give_entries() -> None:
    assert is_log_query('{app="x"} | json')
    assert is_log_query('{app="x"} | something new')
    assert not is_log_query("1 + 1")
    assert is_metric_query('rate({app="x"}[5m])')
    assert not is_metric_query("rate(")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("parse error at line 2, col 3: no", "parse error at line 2, col 3: no\n  b\n  ^"),
        ("parse error at line 0, col 1: no", "parse error at line 0, col 1: no"),
        ("parse error : no", "parse error : no"),
    ],
)
def test_places_in_queries(message: str, expected: str) -> None:
    assert with_excerpt(message, "a\n  b") == expected


def test_the_line_of_a_short_query_is_known() -> None:
    assert with_excerpt("parse error at line 0, col 2: no", "ab").endswith("\nab\n ^")


def test_common_labels() -> None:
    first, second = Row({"a": "1", "b": "1"}, 1, ""), Row({"a": "1", "b": "2"}, 1, "", {"c": "1"})
    assert common_labels([first, second]) == {"a": "1"}
    assert common_labels([]) == {}


def test_csv_of_a_tail(capsys: pytest.CaptureFixture[str]) -> None:
    printer("csv")(Row({"a": "1", "b": "2"}, 7, "x,y"))
    assert capsys.readouterr().out == '7,a=1 b=2,"x,y"\n'
