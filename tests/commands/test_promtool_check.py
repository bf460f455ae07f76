"""`appliance check rules` and `check config`: promtool's lines and exit codes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli import cli

GOOD = "groups: [{name: g, rules: [{record: r, expr: up}, {alert: a, expr: up == 0}]}]\n"
TWICE = "groups: [{name: g, rules: [{record: r, expr: up}, {record: r, expr: up}]}]\n"
BROKEN = "groups: [{name: g, rules: [{record: r, expr: sum(}]}]\n"
LINT = (
    "  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: r\nLabel(s):\n"
    "Might cause inconsistency while recording expressions\n"
)


def check(*args: str, given: str | None = None) -> tuple[int, str, str]:
    answer = CliRunner().invoke(cli, ["check", *args], input=given)
    return answer.exit_code, answer.stdout, answer.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("good", GOOD), ("twice", TWICE), ("broken", BROKEN)):
        (tmp_path / f"{name}.yml").write_text(text)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_rules() -> None:
    assert check("rules", "good.yml") == (0, "Checking good.yml\n  SUCCESS: 2 rules found\n\n", "")
    error = 'broken.yml: 1:46: group "g", rule 1, "r": could not parse expression: '
    code, out, err = check("rules", "broken.yml", "good.yml")
    assert (code, out.replace("  SUCCESS: 2 rules found\n", "").split("\n")[:3]) == (
        1,
        ["Checking broken.yml", "Checking good.yml", ""],
    )
    assert err.startswith(f"  FAILED:\n{error}")
    assert check("rules", "nothing.yml")[0] == 1


@pytest.mark.usefixtures("folder")
def test_lint_of_rules() -> None:
    assert check("rules", "twice.yml") == (0, "Checking twice.yml\n\n", LINT)
    assert check("rules", "--lint-fatal", "twice.yml")[0] == 3
    shown = "Checking twice.yml\n  SUCCESS: 2 rules found\n\n"
    assert check("rules", "--lint", "none", "--lint-fatal", "twice.yml") == (0, shown, "")
    assert check("rules", "--lint=odd", "good.yml")[1].startswith(
        'WARNING: unknown lint option: "odd"\n'
    )


def test_rules_from_standard_input() -> None:
    expected = "Checking standard input\n  SUCCESS: 2 rules found\n\n"
    assert check("rules", given=GOOD) == (0, expected, "")


def test_configuration_and_the_rules_it_names(folder: Path) -> None:
    (folder / "p.yml").write_text("rule_files: [good.yml, 'none*.yml']\n")
    assert check("config", "p.yml") == (
        0,
        (
            "Checking p.yml\n  SUCCESS: 1 rule files found\n"
            " SUCCESS: p.yml is valid prometheus config file syntax\n\n"
            "Checking good.yml\n  SUCCESS: 2 rules found\n\n"
        ),
        "",
    )
    (folder / "p.yml").write_text("rule_files: [broken.yml]\n")
    assert check("config", "p.yml")[0] == 1
    syntax = " SUCCESS: p.yml is valid prometheus config file syntax\n\n"
    assert check("config", "--syntax-only", "p.yml") == (0, f"Checking p.yml\n{syntax}", "")


def test_errors_of_configuration(folder: Path) -> None:
    (folder / "p.yml").write_text("rule_files: [none.yml]\n")
    missing = '  FAILED: "none.yml" does not point to an existing file\n'
    assert check("config", "p.yml") == (1, "Checking p.yml\n\n", missing)
    (folder / "p.yml").write_text("global: {scrape_interval: x}\n")
    code, _, err = check("config", "p.yml")
    assert code == 1
    assert err.startswith("  FAILED: parsing YAML file p.yml: 1:27: global.scrape_interval: not a")


def test_long_intervals_are_lint(folder: Path) -> None:
    (folder / "p.yml").write_text("scrape_configs: [{job_name: j, scrape_interval: 5m}]\n")
    expected = (
        "  FAILED: too long scrape interval found, data point will be marked as stale"
        " - job: j, interval: 5m\n"
    )
    assert check("config", "--lint=all", "--lint-fatal", "p.yml")[::2] == (3, expected)
    assert check("config", "--lint-fatal", "p.yml")[::2] == (0, "")


@pytest.mark.parametrize(
    ("language", "expr", "wrong"),
    [
        ("promql", "rate(x[5m])", "rate({a='b'}[5m]"),
        ("logql", 'sum(rate({a="b"} |= "x" [5m]))', "up == 0"),
        ("traceql", "{ status = error } | rate() by (resource.service.name)", "{ status = error }"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_rules_in_other_languages(language: str, expr: str, wrong: str) -> None:
    text = "groups: [{name: g, rules: [{alert: a, expr: '%s'}]}]\n"
    good = check("rules", "--language", language, given=text % expr.replace("'", "''"))
    assert good[0] == 0, good
    code, _, err = check("rules", "--language", language, given=text % wrong.replace("'", "''"))
    assert code == 1
    assert "could not parse expression" in err


def test_files_can_be_given_without_a_keyword(folder: Path) -> None:
    (folder / "rules").write_text("groups: [{name: g, rules: [{record: r, expr: up}]}]\n")
    assert check("./rules") == (0, "0 errors, 0 warnings\n", "")
    assert "could not parse expression" in check("broken.yml")[1]


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool")
@pytest.mark.parametrize("name", ["good", "twice", "broken"])
def test_promtool_says_the_same(folder: Path, name: str) -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", f"{name}.yml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    code, out, err = check("rules", f"{name}.yml")
    # Before 3.0 an empty line followed errors, too.
    assert (code, out.rstrip(), err) == (done.returncode, done.stdout.rstrip(), done.stderr)
