"""Routing tests: what passes, what fails, and how that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.alertmanager.routing_test.run import FileResult, run_file

CONFIG = """\
route:
  receiver: usual
  group_by: [alertname]
  routes:
    - matchers: [severity="page"]
      receiver: pager
      group_by: ['...']
      repeat_interval: 1h
      continue: true
    - matchers: [team="night"]
      receiver: night
      mute_time_intervals: [day]
    - matchers: [team="office"]
      receiver: office
      active_time_intervals: [day]
receivers:
  - name: usual
  - name: pager
    webhook_configs: [{url: 'http://${HOST}/'}]
    slack_configs: [{api_url: 'http://h/', channel: '#now'}]
  - name: night
  - name: office
inhibit_rules:
  - source_matchers: [alertname="Down"]
    target_matchers: [severity="page"]
    equal: [service]
time_intervals:
  - name: day
    time_intervals: [{times: [{start_time: '08:00', end_time: '18:00'}]}]
"""
PAGE = "{alertname: Slow, severity: page, service: a}"


def run(folder: Path, tests: str, config: str = CONFIG) -> FileResult:
    (folder / "am.yml").write_text(config)
    file = folder / "routes_test.yml"
    file.write_text(f"config: am.yml\nvariables: {{HOST: h}}\ntests:\n{tests}")
    return run_file(file, {})


@pytest.mark.parametrize(
    ("head", "expect"),
    [
        (f"labels: {PAGE}", "{receivers: [pager], integrations: ['slack #now', webhook]}"),
        (f"labels: {PAGE}", "{group_by: ['...'], repeat_interval: 1h, group_wait: 30s}"),
        ("labels: {severity: page, team: night}", "{receivers: [night, pager]}"),
        ("labels: {alertname: x}", "{receivers: usual, group_by: alertname, integrations: []}"),
        ("{labels: {team: night}, at: 2026-01-31T09:00:00Z", "{notified: false, muted_by: day}}"),
        ("{labels: {team: night}, at: 2026-01-31T20:00:00Z", "{notified: true, muted_by: []}}"),
        ("{labels: {team: office}, at: 2026-01-31T20:00:00Z", "{notified: false, muted_by: day}}"),
        ("{labels: {team: office}, at: 2026-01-31T09:00:00", "{notified: true, muted_by: []}}"),
        (f"{{silences: [service=a], labels: {PAGE}", "{silenced: true, notified: false}}"),
        (f"{{silences: [service=b], labels: {PAGE}", "{silenced: false, notified: true}}"),
    ],
)
def test_what_is_so_passes(tmp_path: Path, head: str, expect: str) -> None:
    separator = ", " if head.startswith("{") else "\n    "
    result = run(tmp_path, f"  - {head}{separator}expect: {expect}\n")
    assert result.errors == []
    assert len(result.cases) == 1


def test_muted_on_one_route_of_two_is_notified(tmp_path: Path) -> None:
    head = "{labels: {severity: page, team: night}, at: 2026-01-31T09:00:00Z"
    assert (
        run(tmp_path, f"  - {head}, expect: {{notified: true, muted_by: [day]}}}}\n").errors == []
    )


def test_inhibition_is_told_by_labels_of_the_inhibitor(tmp_path: Path) -> None:
    alerts = (
        "  - alerts:\n"
        "    - labels: {alertname: Down, service: a}\n"
        f"    - {{labels: {PAGE}, expect: {{notified: false, inhibited_by: [{{service: a}}]}}}}\n"
        "    - labels: {alertname: Slow, severity: page, service: b}\n"
        "      expect: {notified: true, inhibited_by: []}\n"
    )
    assert run(tmp_path, alerts).errors == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("receivers: [usual]", "receivers: expected [usual], got [pager]"),
        ("integrations: [slack]", "integrations: expected [slack], got [slack #now, webhook]"),
        ("group_by: [alertname]", "group_by: expected [alertname], got [[...]]"),
        ("repeat_interval: 2h", "repeat_interval: expected 2h, got [1h]"),
        ("notified: false", "notified: expected false, got true"),
        ("inhibited_by: [{a: b}]", "inhibited_by: expected [{a: b}], got []"),
        ("muted_by: [day]", "muted_by: expected [day], got []"),
        ("silenced: true", "silenced: expected true, got false"),
    ],
)
def test_what_is_otherwise_is_told_with_the_route(
    tmp_path: Path, expect: str, message: str
) -> None:
    result = run(tmp_path, f"  - name: t\n    labels: {PAGE}\n    expect: {{{expect}}}\n")
    (error,) = result.errors
    assert error.split() == f"t: {PAGE}: {message} (routed by {tmp_path}/am.yml:5)".split()
    assert [case.name for case in result.cases] == ["t"]


def test_an_inhibitor_that_is_not_expected_is_an_error(tmp_path: Path) -> None:
    down = "{labels: {alertname: Down, service: a}}"
    for expected in ("[]", "[{service: b}]"):
        alert = f"{{labels: {PAGE}, expect: {{inhibited_by: {expected}}}}}"
        assert len(run(tmp_path, f"  - alerts: [{down}, {alert}]\n").errors) == 1


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        ("  - name: nothing\n", "the test has no alert"),
        ("  - {expect: {notified: true}, alerts: [{labels: {a: b}}]}\n", "no labels beside it"),
        ("  - {labels: {a: b}, at: noon}\n", "'noon' is no time"),
        ("  - {labels: {a: b}, expect: {reciever: x}}\n", "unknown key 'reciever'"),
    ],
)
def test_broken_tests_are_told_with_their_place(tmp_path: Path, tests: str, message: str) -> None:
    result = run(tmp_path, tests)
    assert message in result.aborted[0]
    assert result.aborted[0].startswith(f"{tmp_path}/routes_test.yml:4:")


def test_a_broken_configuration_stops_the_tests(tmp_path: Path) -> None:
    result = run(tmp_path, "  - labels: {a: b}\n", "route: {receiver: x}\n")
    assert "undefined receiver 'x'" in result.aborted[0]
    assert result.cases == []
