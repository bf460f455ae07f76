"""promtail's positions file, read and written."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import yaml

from appliance.base.errors import BadInput
from appliance.ingest.tail.config import PositionsConfig
from appliance.ingest.tail.positions import PositionsFile, cursor, file_marks, read_positions


def config(path: Path, *, lenient: bool = False) -> PositionsConfig:
    return PositionsConfig(filename=str(path), ignore_invalid_yaml=lenient)


def test_positions_of_files_and_cursors(tmp_path: Path) -> None:
    path = tmp_path / "positions.yaml"
    path.write_text('positions:\n  /a.log: "12"\n  cursor-journal: s=1;t=2\n  /b.log: "-"\n')
    found = read_positions(config(path))
    marks = file_marks(found)
    assert {name: mark.offset for name, mark in marks.items()} == {"/a.log": 12}
    assert marks["/a.log"].identity == (0, 0)
    assert cursor(found, "journal") == "s=1;t=2"
    assert cursor(found, "other") == ""


def test_what_is_written_is_valid_for_promtail_and_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "positions.yaml"
    PositionsFile(path).write({"/a.log": 12}, {"journal": "s=1"})
    document = yaml.safe_load(path.read_text())
    assert document == {"positions": {"/a.log": "12", "cursor-journal": "s=1"}}
    assert read_positions(config(path)) == {}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["{", "positions: [1]", "- a"])
def test_what_is_no_positions_file_is_refused_unless_told_otherwise(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "positions.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match="invalid yaml positions file"):
        read_positions(config(path))
    assert read_positions(config(path, lenient=True)) == {}


@pytest.mark.parametrize("text", ["", "positions:\n"])
def test_an_empty_file_has_no_positions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "positions.yaml"
    path.write_text(text)
    assert read_positions(config(path)) == {}
    assert read_positions(config(tmp_path / "absent")) == {}


def test_a_failure_to_write_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = PositionsFile(tmp_path / "absent" / "positions.yaml")
    with caplog.at_level(logging.WARNING):
        for offset in range(3):
            file.write({"/a.log": offset}, {})
    assert len(caplog.records) == 1
