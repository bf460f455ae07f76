"""Grafana's provisioning directory, read as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.dashboards.library.places import Places, find_files
from appliance.dashboards.library.provisioning import check_file, read_provisioning
from tests.dashboards.library.test_library import write

PROVIDER = """
apiVersion: 1
providers:
  - name: 'default'
    orgId: 1
    folder: Ops
    type: file
    disableDeletion: false
    updateIntervalSeconds: 10
    unheardOf: true
    options:
      path: {path}
      foldersFromFilesStructure: {by_folders}
"""
SOURCES = """
apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    access: proxy
    url: http://prometheus:9090
    isDefault: true
  - {name: Loki, uid: logs, type: loki, url: "http://loki:3100"}
"""


def provision(folder: Path, path: str, *, by_folders: bool = False) -> Path:
    directory = folder / "grafana" / "provisioning"
    (directory / "dashboards").mkdir(parents=True, exist_ok=True)
    text = PROVIDER.format(path=path, by_folders=str(by_folders).lower())
    (directory / "dashboards" / "all.yml").write_text(text)
    return directory


def found_in(directory: Path) -> list[tuple[str, str]]:
    origins = find_files(Places(provisioning=directory)).origins
    return [(origin.file.name, origin.folder) for origin in origins]


def test_providers_and_data_sources(tmp_path: Path) -> None:
    write(tmp_path / "boards" / "a.json")
    directory = provision(tmp_path, str(tmp_path / "boards"))
    (directory / "datasources").mkdir()
    (directory / "datasources" / "ds.yaml").write_text(SOURCES)
    found = read_provisioning(directory, {})
    assert found.problems == ()
    assert [(one.name, one.uid, one.type, one.is_default) for one in found.datasources] == [
        ("Prometheus", "Prometheus", "prometheus", True), ("Loki", "logs", "loki", False),
    ]  # fmt: skip
    assert found_in(directory) == [("a.json", "Ops")]


@pytest.mark.parametrize(
    ("written", "real"),
    [
        ("/var/lib/grafana/dashboards", "grafana/dashboards"),
        ("/etc/dashboards/team", "grafana/dashboards/team"),
        ("/etc/grafana/provisioning/dashboards/json", "grafana/provisioning/dashboards/json"),
        ("/nowhere", "grafana/provisioning/dashboards"),
        ("/nowhere/else", "grafana/dashboards"),
    ],
)
def test_paths_of_containers_are_looked_for_beside(tmp_path: Path, written: str, real: str) -> None:
    write(tmp_path / real / "a.json")
    directory = provision(tmp_path, written)
    assert found_in(directory) == [("a.json", "Ops")]
    (problem,) = read_provisioning(directory, {}).problems
    assert (problem.line, problem.column, problem.severity.value) == (4, 5, "warning")
    assert written in problem.message
    assert "is read instead" in problem.message


def test_paths_that_are_nowhere_are_told(tmp_path: Path) -> None:
    directory = provision(tmp_path, "/var/lib/nothing")
    (problem,) = read_provisioning(directory, {}).problems
    assert "does not exist here" in problem.message
    assert check_file(directory / "dashboards" / "all.yml", directory, {}) == [problem]


def test_folders_may_come_from_folders(tmp_path: Path) -> None:
    write(tmp_path / "boards" / "top.json")
    write(tmp_path / "boards" / "a" / "b" / "deep.json")
    write(tmp_path / "boards" / ".git" / "hidden.json")
    directory = provision(tmp_path, str(tmp_path / "boards"), by_folders=True)
    assert found_in(directory) == [("top.json", ""), ("deep.json", "a/b")]


@pytest.mark.parametrize("written", ["$BOARDS", "${BOARDS}", "$__env{BOARDS}"])
def test_variables_of_the_environment(tmp_path: Path, written: str) -> None:
    write(tmp_path / "boards" / "a.json")
    directory = provision(tmp_path, f"'{written}'")
    found = read_provisioning(directory, {"BOARDS": str(tmp_path / "boards")})
    assert [one.path for one in found.providers] == [tmp_path / "boards"]
    assert found.problems == ()


def test_broken_files_hinder_no_others(tmp_path: Path) -> None:
    write(tmp_path / "grafana" / "dashboards" / "a.json")
    directory = provision(tmp_path, str(tmp_path / "grafana" / "dashboards"))
    for name, text in {
        "broken.yml": "a: [",
        "list.yml": "- 1",
        "odd.yml": "providers: {a: b}\ndatasources: x",
        "tag.yml": "a: !!python/object:os.system x",
        "empty.yml": "",
        "other.yml": "providers: [{name: x, type: git, options: {}}, {name: y}]",
    }.items():
        (directory / "dashboards" / name).write_text(text)
    found = find_files(Places(provisioning=directory))
    assert [origin.file.name for origin in found.origins] == ["a.json"]
    assert sorted(Path(one.file).name for one in found.problems) == [
        "broken.yml", "other.yml", "other.yml", "tag.yml",
    ]  # fmt: skip


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = read_provisioning(tmp_path / "no", {}).problems
    assert problem.code == "unreadable"
