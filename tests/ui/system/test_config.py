from __future__ import annotations

from dataclasses import replace

from appliance.config.problem import Problem, Severity
from appliance.ui.system.config import ConfigFile, ConfigLook, config_page

LOOK = ConfigLook(
    file="appliance.yml",
    values={
        "data": "d",
        "log.level": "debug",
        "log.format": "console",
        "prometheus.config": "p.yml",
    },
    origins={"data": "command line", "log.level": "appliance.yml:2"},
    defaults={"data": "appliance-data", "log.level": "info", "log.format": "console"},
    at_start={"data": "d", "log.level": "info", "log.format": "console"},
    on_disk={"data": "d", "log.level": "debug", "log.format": "json", "prometheus.config": "p.yml"},
    problems=[
        Problem(
            "p.yml", 3, 7, "scrape_configs[0]", "unknown key 'x'", "unknown-key", hint="drop it"
        ),
        Problem("/packs/rules.yml", 9, 1, "", "odd", "suspicious", Severity.WARNING),
    ],
    files=[
        ConfigFile("Appliance", "appliance.yml", "data: d\nlog: {level: debug}\n", changed_ms=50),
        ConfigFile("Prometheus", "p.yml", "a: b\n", changed_ms=200),
    ],
    started_ms=10,
    reloaded_ms=100,
)


def test_every_value_has_its_origin_and_a_link_to_the_line() -> None:
    page = config_page(LOOK)
    rows = {row.name: row for section in page.sections for row in section.settings}
    assert (rows["data"].origin, rows["data"].anchor) == ("command line", "")
    assert (rows["log.level"].origin, rows["log.level"].anchor) == ("appliance.yml:2", "file0-2")
    assert (rows["log.format"].origin, rows["log.format"].is_set) == ("default", False)
    assert (rows["prometheus.config"].origin, rows["prometheus.config"].is_set) == ("found", True)
    assert [(section.name, section.set_count) for section in page.sections] == [
        ("general", 1),
        ("log", 1),
        ("prometheus", 1),
    ]
    assert page.set_count == 3


def test_differences_since_the_start_and_to_the_disk() -> None:
    page = config_page(LOOK)
    assert [(row.name, row.before, row.after) for row in page.since_start] == [
        ("log.level", "info", "debug"),
        ("prometheus.config", "", "p.yml"),
    ]
    assert page.pending is not None
    assert [(row.name, row.before, row.after) for row in page.pending] == [
        ("log.format", "console", "json")
    ]
    assert config_page(replace(LOOK, on_disk=None)).pending is None


def test_findings_lead_to_lines_of_shown_files() -> None:
    first, second = config_page(LOOK).problems
    assert (first.severity, first.place, first.anchor) == ("error", "p.yml:3:7", "file1-3")
    assert (first.message, first.hint) == ("scrape_configs[0]: unknown key 'x'", "drop it")
    assert (second.severity, second.anchor) == ("warning", "")


def test_files_that_were_changed_after_they_were_read() -> None:
    assert [file.is_newer for file in config_page(LOOK).files] == [False, True]


def test_a_refused_reload_is_told_line_by_line() -> None:
    error = "p.yml:3:7: error[unknown-key]: unknown key 'x'\n  help: drop it\n"
    first, second = config_page(replace(LOOK, reload_error=error)).error_lines
    assert (first.place, first.anchor) == ("p.yml:3:7", "file1-3")
    assert first.message == "error[unknown-key]: unknown key 'x'"
    assert (second.message, second.place) == ("help: drop it", "")
