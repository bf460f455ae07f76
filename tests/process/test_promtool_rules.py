"""`appliance check rules` and `test rules` judge as promtool 3.5 does: files and its verdicts.

The verdicts in `promtool/verdicts.json` are promtool's own; `-m peer` asks one that is there (PATH,
or PROMTOOL names it) again. `UPDATE_VERDICTS=1` with `-m peer` writes them anew.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli import cli
from tests.peers import promtool3
from tests.process.promtool.rule_files import rule_files
from tests.process.promtool.unit_tests import BESIDE, UNIT_TESTS

VERDICTS = Path(__file__).parent / "promtool" / "verdicts.json"
PROMTOOL = promtool3()
COMMANDS = {
    "check": ["check", "rules", "--lint=all", "--lint-fatal"],
    "test": ["test", "rules"],
}
CASES = [
    *(("check", name, text) for name, text in rule_files().items()),
    *(("test", name, text) for name, text in UNIT_TESTS.items()),
]
#: Judged otherwise, and why.
OTHERWISE = {
    "check: file, float as limit": "a limit is a whole number",
    "check: file, whole float as limit": "a limit is a whole number",
    "test: start_timestamp": "newer than 3.5",
    "test: start_timestamp as text": "newer than 3.5",
    "test: alert with start_timestamp": "newer than 3.5",
    "test: bad start_timestamp": "newer than 3.5",
}
#: Words about what is broken in YAML are ours: they name line, column and key.
OUR_WORDS = ("yaml:", "duration", "invalid label name: ", "in offset, expected", "Groupname")
OUR_PLACES = ("groupname:", "in series values", "inside braces", "histogram descriptor")


@dataclass(frozen=True)
class Verdict:
    """What was said about a file."""

    code: int
    errors: str

    @property
    def is_worded_alike(self) -> bool:
        """Whether we use the same words."""
        return not any(text in self.errors for text in (*OUR_WORDS, *OUR_PLACES))


def name_of(case: tuple[str, str, str]) -> str:
    return f"{case[0]}: {case[1]}"


@functools.cache
def verdicts() -> dict[str, Verdict]:
    return {name: Verdict(**found) for name, found in json.loads(VERDICTS.read_text()).items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in BESIDE.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def written(folder: Path, text: str) -> str:
    with (folder / "file.yml").open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    return "file.yml"


def ours(folder: Path, case: tuple[str, str, str]) -> Verdict:
    answer = CliRunner().invoke(cli, [*COMMANDS[case[0]], written(folder, case[2])])
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return Verdict(answer.exit_code, answer.stderr)


def theirs(folder: Path, case: tuple[str, str, str]) -> Verdict:
    assert PROMTOOL is not None
    command = [PROMTOOL, *COMMANDS[case[0]][:2]]
    features = "--enable-feature=promql-experimental-functions"
    done = subprocess.run(
        [*command, features, *COMMANDS[case[0]][2:], written(folder, case[2])],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    return Verdict(done.returncode, done.stderr)


def compare(found: Verdict, expected: Verdict, name: str) -> None:
    if name in OTHERWISE:
        assert found.code != expected.code or not expected.is_worded_alike
        return
    assert found.code == expected.code, (found.errors, expected.errors)
    assert bool(found.errors) == bool(expected.errors)
    if expected.is_worded_alike:
        # Go walks over labels and annotations in any order.
        assert sorted(found.errors.split("\n")) == sorted(expected.errors.split("\n"))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_verdicts_are_those_of_promtool(folder: Path, case: tuple[str, str, str]) -> None:
    compare(ours(folder, case), verdicts()[name_of(case)], name_of(case))


def test_the_table_is_long_and_even() -> None:
    codes = [verdict.code for verdict in verdicts().values()]
    assert len(codes) == len(CASES) >= 300
    assert min(codes.count(0), codes.count(1)) >= 100


@pytest.fixture(scope="module")
def anew() -> Iterator[dict[str, Verdict]]:
    """Verdicts as they are found; written when that is asked for."""
    found: dict[str, Verdict] = {}
    yield found
    if os.environ.get("UPDATE_VERDICTS"):
        text = json.dumps({name: asdict(one) for name, one in found.items()}, indent=1)
        VERDICTS.write_text(text + "\n")


@pytest.mark.peer
@pytest.mark.skipif(PROMTOOL is None, reason="no promtool of Prometheus 3")
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_real_promtool_says_the_same(
    folder: Path, case: tuple[str, str, str], anew: dict[str, Verdict]
) -> None:
    anew[name_of(case)] = expected = theirs(folder, case)
    compare(ours(folder, case), expected, name_of(case))
