"""`appliance import openmetrics` and `appliance export metrics`: there and back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.testing import Appliance
from appliance.wire import snappy
from tests.reading import call
from tests.remote_requests import NOW, native_histogram, request_v1, series_v1

#: As exported: families sorted, metrics together, times ascending within them.
TEXT = """\
# HELP a_seconds Time "spent".\\nIn all.
# TYPE a_seconds counter
# UNIT a_seconds seconds
a_seconds_total{x="1"} 1.5 1700000000
a_seconds_total{x="1"} nAn 1700000015.001
a_seconds_total{x="2"} 1e-09 -1.500
# HELP b.c Dots.
# TYPE "b.c" gauge
{"b.c","k e"="ä\\"\\\\\\n"} NaN 1
{"b.c","k e"="ä\\"\\\\\\n"} +Inf 2
{"b.c","k e"="ä\\"\\\\\\n"} -Inf 3
{"b.c","k e"="ä\\"\\\\\\n"} -0 4
# TYPE h histogram
h_bucket{le="0.5"} 1 1700000000
h_bucket{le="1"} 2 1700000000
h_bucket{le="+Inf"} 3 1700000000
h_count 3 1700000000
h_sum 4.25 1700000000
h_bucket{le="0.5"} 2 1700000060
h_bucket{le="1"} 3 1700000060
h_bucket{le="+Inf"} 4 1700000060
h_count 4 1700000060
h_sum 5.25 1700000060
h_bucket{le="1",z="2"} 7 1700000000
# TYPE zz unknown
zz 1 1700000000
# EOF
""".replace("# HELP b.c", '# HELP "b.c"')


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "in.om"
    found.write_text(TEXT)
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Appliance]:
    with Appliance(only=["prometheus"]) as started:
        yield started


def test_round_trip_through_a_directory(file: Path, tmp_path: Path) -> None:
    data, out = str(tmp_path / "data"), tmp_path / "out.om"
    answer = run("import", "openmetrics", str(file), "--data", data)
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("imported 19 samples of 10 series in ")
    answer = run("export", "metrics", "--data", data, "-o", str(out))
    assert answer.exit_code == 0, answer.output
    assert out.read_text() == TEXT


def test_round_trip_through_a_server(server: Appliance, file: Path, tmp_path: Path) -> None:
    address, out = server.urls["prometheus"], tmp_path / "out.om"
    answer = run("import", "openmetrics", str(file), "--addr", address, "--tenant", "t")
    assert answer.exit_code == 0, answer.output
    answer = run("export", "metrics", "--addr", address, "--tenant", "t", "-o", str(out))
    assert answer.exit_code == 0, answer.output
    assert out.read_text() == TEXT


def test_external_labels_are_not_exported(file: Path, tmp_path: Path) -> None:
    config, out = tmp_path / "prometheus.yml", tmp_path / "out.om"
    config.write_text("global: {external_labels: {site: here}}\n")
    arguments = ["--prometheus-config", str(config)]
    with Appliance(only=["prometheus"], args=arguments) as server:
        address = server.urls["prometheus"]
        assert run("import", "openmetrics", str(file), "--addr", address).exit_code == 0
        match = ["--match", "h_count", "--match", '{"b.c"}', "--match", "{__name__=~'z.*'}"]
        span = ["--start", "2", "--end", "1700000000"]
        answer = run("export", "metrics", "--addr", address, *match, *span, "-o", str(out))
    assert answer.exit_code == 0, answer.output
    lines = [line for line in out.read_text().splitlines() if not line.startswith("#")]
    assert [line.rsplit(" ", 2)[0][:4] for line in lines] == ['{"b.'] * 3 + ["h_co", "zz"]


def test_exemplars_are_imported(server: Appliance, tmp_path: Path) -> None:
    file = tmp_path / "e.om"
    file.write_text('e_total 1 1700000000 # {trace_id="abc"} 0.5 1700000000\n# EOF\n')
    address = server.urls["prometheus"]
    assert run("import", "openmetrics", str(file), "--addr", address).exit_code == 0
    url = address + "/api/v1/query_exemplars"
    _, body = call(url, query="e_total", start="1699999990", end="1700000010")
    assert b'"trace_id":"abc"' in body


def test_wrong_line_is_named_with_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "bad.om"
    file.write_text("a 1 1\na one 2\n# EOF\n")
    answer = run("import", "openmetrics", str(file), "--data", str(tmp_path / "data"))
    assert answer.exit_code == 1
    assert f"{file}:2: 'one' is not a number" in answer.output


def test_directory_in_use_and_server_that_is_not_there(server: Appliance, file: Path) -> None:
    answer = run("import", "openmetrics", str(file), "--data", str(server.data))
    assert answer.exit_code == 2
    assert "is in use by process" in answer.output
    answer = run("export", "metrics", "--addr", "http://127.0.0.1:1")
    assert answer.exit_code == 2
    assert "is the server running?" in answer.output


def test_native_histograms_are_left_out_and_counted(server: Appliance) -> None:
    series = series_v1({"__name__": "n"}, [(NOW - 1000, 0.0)])
    series.histograms.append(native_histogram(NOW))
    body = snappy.compress(request_v1([series]))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    address = server.urls["prometheus"]
    assert call(address + "/api/v1/write", body, headers=headers)[0] == 204
    answer = run("export", "metrics", "--addr", address, "--match", "n")
    assert answer.stdout == "# TYPE n unknown\nn 0 1699999999\n# EOF\n"
    assert "left out 1 native histograms" in answer.stderr


def test_refused_samples_are_told(server: Appliance, tmp_path: Path) -> None:
    file = tmp_path / "long.om"
    file.write_text(f'a{{x="{"y" * 9000}"}} 1 1\n# EOF\n')
    answer = run("import", "openmetrics", str(file), "--addr", server.urls["prometheus"])
    assert answer.exit_code == 1
    assert "limits.label_value_bytes" in answer.output


def test_piped_output_is_text_alone(file: Path, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with file.open("rb") as stream:
        command = [sys.executable, "-m", "appliance", "import", "openmetrics", "-", "--data", data]
        subprocess.run(command, stdin=stream, check=True, capture_output=True)
    answer = CliRunner().invoke(cli, ["export", "metrics", "--data", data])
    assert answer.stdout == TEXT
    assert "exported 19 samples of 10 series" in answer.stderr
