"""What the settings say about the stores: rules of retention, the most specific first."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.problem import Severity
from appliance.model.matcher import Matcher, MatchOp
from appliance.settings.root import load
from appliance.store.retention import RetentionRule
from appliance.stores import retention_of

HOUR, DAY = 3_600_000, 86_400_000


def test_rules_of_streams_come_before_those_of_tenants_and_the_general_one(tmp_path: Path) -> None:
    (tmp_path / "appliance.yml").write_text("""\
retention:
  logs: 30d
  streams:
    - {selector: '{app="shop", level=~"debug|$trace"}', max_age: 12h}
    - {selector: '{app="shop"}', max_age: 1y, tenant: acme}
tenants: {acme: {retention: {logs: 60d}}}
""")
    settings, problems = load(None, flags={}, environ={}, directory=tmp_path)
    assert [one for one in problems if one.severity is Severity.ERROR] == []
    shop = Matcher("app", MatchOp.EQUAL, "shop")
    assert retention_of(settings)["logs"].rules == (
        RetentionRule(12 * HOUR, None, (shop, Matcher("level", MatchOp.REGEX, "debug|$trace"))),
        RetentionRule(365 * DAY, "acme", (shop,)),
        RetentionRule(60 * DAY, "acme"),
        RetentionRule(30 * DAY),
    )
    assert retention_of(settings)["traces"].rules == (RetentionRule(14 * DAY),)


@pytest.mark.parametrize("selector", ["{}", "app", '{app="a"} |= "x"', '{a=~"("}', '{a="b"'])
def test_a_selector_that_is_none_is_an_error_at_its_place(tmp_path: Path, selector: str) -> None:
    (tmp_path / "appliance.yml").write_text(
        f"retention:\n  streams:\n    - selector: '{selector}'\n      max_age: 1d\n"
    )
    _, problems = load(None, flags={}, environ={}, directory=tmp_path)
    (error,) = [one.render() for one in problems if one.severity is Severity.ERROR]
    assert "appliance.yml:3:" in error
    assert "retention.streams" in error
