"""`oncall.yml`: what is refused, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.check import check_all
from appliance.config.load import load_text
from appliance.oncall.config import OncallConfig
from tests.oncall.duty import oncall_of

USERS = "users: {a: {email: a@x}, b: {receivers: [r1, r2]}}\n"


def findings(text: str) -> list[str]:
    decoded = load_text(OncallConfig, text, file="oncall.yml")
    return [f"{one.line}: {one.severity.value}: {one.message}" for one in decoded.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("users: {a: {}}", "1: error: a user without receivers, email or webhook cannot be paged"),
        ("users:\n  a:", "2: error: 'a' says nothing"),
        (USERS + "rotas:\n  r: {users: [a, c]}\npolicies: {}", "3: error: undefined user 'c'"),
        (USERS + "rotas:\n  r: {}\npolicies: {}", "3: error: a rota has users or a calendar"),
        (
            USERS + "rotas: {r: {users: a, every: 90m}}",
            "2: error: 1h30m is no length of shifts; write hours or days",
        ),
        (
            USERS + "rotas: {r: {users: a, every: 1d, handoff: monday 09:00}}",
            "2: error: shifts of other lengths than weeks move over the days",
        ),
        (
            USERS + "rotas: {r: {users: a, handoff: noon}}",
            "2: error: 'noon' is no handoff; write for example monday 09:00, or 09:00",
        ),
        (
            USERS + "rotas: {r: {users: a, timezone: Mars/Base}}",
            "2: error: unknown time zone 'Mars/Base'; write for example UTC",
        ),
        (
            USERS + "rotas: {r: {users: a, start: soon}}",
            "2: error: 'soon' is no date; write for example 2025-01-06",
        ),
        (USERS + "policies: {p: {}}", "2: error: a policy has steps"),
        (USERS + "policies: {p: {steps: [{}]}}", "2: error: a step pages a rota, user or receiver"),
        (USERS + "policies: {p: {steps: [{rota: r}]}}", "2: error: undefined rota 'r'"),
        (
            USERS + "policies: {p: {steps: [{user: a, after: 5m}, {user: b, after: 5m}]}}",
            "2: error: after 5m does not come after 5m",
        ),
        (
            USERS + "rotas: {r: {calendar: {}}}",
            "2: error: a calendar has either file or url",
        ),
        (
            USERS + "rotas: {primary: {users: a}}",
            "1: warning: the usual policies page secondary, manager, which are not defined",
        ),
        (
            "heartbeats:\n  expected:\n  - {name: a, every: 1m}\n  - {name: a, every: 1m}",
            "4: error: heartbeat 'a' is there twice",
        ),
        (
            "heartbeats: {expected: [{name: a/b, every: 1m}]}",
            "1: error: 'a/b' is no name; use letters, digits, - _ .",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, expected: str) -> None:
    assert expected in findings(text)


def test_the_usual_policies_page_what_there_is() -> None:
    config = oncall_of(USERS + "rotas: {primary: {users: a}}")
    found = config.held_policies
    assert list(found) == ["P0", "P1"]
    assert [step.rota for step in found["P0"].steps] == [("primary",)]
    text = "users: {primary: {email: p@x}, secondary: {email: s@x}, manager: {email: m@x}}"
    steps = oncall_of(text).held_policies["P0"].steps
    assert [(step.after.seconds, step.user) for step in steps] == [
        (0, ("primary",)),
        (300, ("secondary",)),
        (900, ("manager",)),
    ]


def test_check_holds_the_file_against_the_receivers_of_the_routing(tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: r}\nreceivers: [{name: r}]\n")
    text = (
        "users:\n  a: {receivers: r}\n  b: {receivers: nobody}\n  c: {email: c@x}\npolicies: {}\n"
    )
    (tmp_path / "oncall.yml").write_text(text)
    (tmp_path / "appliance.yml").write_text("oncall: oncall.yml\n")
    found = check_all(tmp_path / "appliance.yml", environ={}, directory=tmp_path)
    assert [(Path(one.file).name, one.line, one.message) for one in found] == [
        ("oncall.yml", 3, "undefined receiver 'nobody'"),
        ("oncall.yml", 4, "there is no server that mails could go through"),
    ]


def test_check_knows_the_file_by_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "who.yml"
    path.write_text("rotas: {r: {users: nobody}}\n")
    found = check_all(None, [path], environ={}, directory=tmp_path)
    assert "undefined user 'nobody'" in [one.message for one in found]
