"""`appliance promtail test`: what stages do to lines."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from appliance.cli import cli

CONFIG = """\
clients: [{url: http://loki:3100/loki/api/v1/push}]
scrape_configs:
  - job_name: web
    static_configs: [{labels: {job: web, __path__: FOLDER/*.log}}]
    pipeline_stages:
      - regex: {expression: '^(?P<level>[A-Z]+) (?P<rest>.*)'}
      - drop: {source: level, value: DEBUG}
      - labels: {level: }
      - output: {source: rest}
  - job_name: blocks
    static_configs: [{labels: {job: blocks, __path__: FOLDER/*.txt}}]
    pipeline_stages:
      - multiline: {firstline: '^\\d'}
      - static_labels: {a: b}
"""


def run(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["promtail", "test", *args], input=text)


def config(folder: Path) -> str:
    path = folder / "promtail-config.yml"
    path.write_text(CONFIG.replace("FOLDER", str(folder)))
    return str(path)


def test_changes_of_each_stage_are_shown(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("INFO hello\nDEBUG no\nplain\n")
    result = run(str(tmp_path / "x.log"), "--config", config(tmp_path))
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[:8] == [
        "line 1: INFO hello",
        "  regex:",
        "    + extracted level: INFO",
        "    + extracted rest: hello",
        "  drop: no change",
        "  labels:",
        "    + label level: INFO",
        "  output:",
    ]
    assert lines[8] == "    ~ line: INFO hello → hello"
    assert lines[9].endswith(f'{{filename="{tmp_path}/x.log", job="web", level="INFO"}} hello')
    assert "  drop: dropped" in lines
    assert lines[-1] == "3 lines read, 2 entries out"


def test_what_is_held_back_is_followed(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1 a\n b\n2 c\n")
    result = run(str(tmp_path / "x.txt"), "-c", config(tmp_path))
    lines = [line for line in result.output.splitlines() if "→" not in line]
    assert lines == [
        "line 1: 1 a",
        "  multiline: held back",
        "line 2:  b",
        "  multiline: held back",
        "line 3: 2 c",
        "  multiline: held back",
        "  multiline: lines 1, 2 come out: 1 a\\n b",
        "  static_labels:",
        "    + label a: b",
        "at the end:",
        "  multiline: lines 3 come out: 2 c",
        "  static_labels:",
        "    + label a: b",
        "3 lines read, 2 entries out",
    ]


def test_stages_and_labels_may_be_given(tmp_path: Path) -> None:
    del tmp_path
    stages = ["--stage", "tenant: {value: t}", "--stage", "structured_metadata: {m: job}"]
    result = run("-", *stages, "--label", "job=x", text="a\nb\n")
    assert "    + tenant: t" in result.output
    assert "    - label job: x" in result.output
    assert 'tenant t {} metadata {m="x"} a' in result.output
    assert run("-", *stages, "-n", "1", text="a\nb\n").output.endswith("1 line read, 1 entry out\n")


def test_a_job_has_to_be_found(tmp_path: Path) -> None:
    path = config(tmp_path)
    unknown = run("-", "-c", path, "--job", "nope", text="")
    assert (unknown.exit_code, "no job 'nope'; there are: 'web', 'blocks'" in unknown.output) == (
        2,
        True,
    )
    unclear = run("-", "-c", path, text="")
    assert (unclear.exit_code, "choose one by --job" in unclear.output) == (2, True)
    assert run("-", "-c", path, "--job", "web", text="").output == "0 lines read, 0 entries out\n"


def test_mistakes_are_told(tmp_path: Path) -> None:
    broken = run("-", "--stage", "json: {expressions: {a: .b}}", text="")
    assert (broken.exit_code, "invalid JMESPath expression '.b'" in broken.output) == (2, True)
    template = run("-", "--stage", "template: {source: a, template: '{{'}", text="")
    assert (template.exit_code, "invalid template stage" in template.output) == (2, True)
    missing = run(str(tmp_path / "none.log"), "--stage", "docker: {}")
    assert (missing.exit_code, "cannot read" in missing.output) == (2, True)
