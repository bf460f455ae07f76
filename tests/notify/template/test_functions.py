"""Alertmanager's functions; answers are Alertmanager's."""

from __future__ import annotations

import pytest

from appliance.notify.integration import TemplateFailed
from appliance.notify.template.templates import NotificationTemplates
from tests.notify.template.messages import FIRING, OVER, message

TEMPLATES = NotificationTemplates()


def rendered(text: str) -> str:
    return TEMPLATES.renderer(message(FIRING, OVER)).text("{{ " + text + " }}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('title "hELLO wORLD-foo bar\'s 3rd"', "Hello World-Foo Bar's 3Rd"),
        ('"ß" | toUpper', "ß"),
        ('toLower "ÄÖ İ"', "äö i"),
        ('trimSpace " a b \\n\\u00a0"', "a b"),
        ('stringSlice "a" "b" | join "/"', "a/b"),
        ('match "^D" .CommonLabels.alertname', "true"),
        ('reReplaceAll "(a)(b)" "${2}$1" "abab"', "baba"),
        ('date "2006-01-02" (index .Alerts 0).StartsAt', "2024-01-02"),
        ('tz "Europe/Berlin" (index .Alerts 0).StartsAt', "2024-01-02 03:59:05.678 +0100 CET"),
        ("since (index .Alerts 0).StartsAt", "5m0s"),
        ("now", "2024-01-02 03:04:05.678 +0000 UTC"),
        ("humanizeDuration 3725", "1h 2m 5s"),
        ("toJson .CommonLabels", '{"alertname":"Down","job":"api"}'),
        ('(list 1 "a" | len) | print', "2"),
        ('append (list 1) 2 "x"', "[1 2 x]"),
        ('append nil "x"', "[x]"),
        ('dict "b" 1 "a" "x"', "map[a:x b:1]"),
        ('(toDate "2006-01-02" "2024-05-06").Unix', "1714953600"),
        ('(toDate "2006-01-02" "x").IsZero', "true"),
        ('mustToDate "15:04" "07:08" | date "3PM"', "7AM"),
        ('base64encode "flush>>"', "Zmx1c2g-Pg=="),
        ('base64decode "Zmx1c2g-Pg=="', "flush>>"),
        ('urlUnescape "a%20b+c%C3%A9"', "a b cé"),
        ('routeLabels "team"', "x"),
        ('routeLabels "none" | len', "0"),
        ('printf "%T %T" (safeHtml "a") (safeUrl "b")', "template.HTML template.URL"),
        ('.CommonLabels.Names.Join ","', "alertname,job"),
        (".CommonLabels.Remove .GroupLabels.Names", "job=api"),
        ("len .Alerts.Firing | print .Alerts.Resolved.Nope", None),
    ],
)
def test_results(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(TemplateFailed, match="can't evaluate field Nope"):
            rendered(text)
    else:
        assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('base64decode "not base64!"', "illegal base64 data at input byte 3"),
        ('base64decode "abc"', "illegal base64 data at input byte"),
        ('base64decode "ab=="="', "bad number|unexpected"),
        ('urlUnescape "a%zzb"', 'invalid URL escape "%zz"'),
        ('urlUnescape "%4"', 'invalid URL escape "%4"'),
        ('mustToDate "2006" "x"', 'parsing time "x" as "2006"'),
        ('tz "Nope" now', "unknown time zone Nope"),
        ('dict "a"', "dict requires an even number of arguments"),
        ("dict 1 2", "dict keys must be strings"),
        ("append .Alerts 1", "wrong type for value; expected .*; got template.Alerts"),
        ('reReplaceAll "(" "" ""', r"regexp: Compile\(`\(`\): error parsing regexp"),
        ("toUpper .Alerts", "expected string; got template.Alerts"),
        ("nope 1", 'function "nope" not defined'),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(TemplateFailed, match=message):
        rendered(text)
