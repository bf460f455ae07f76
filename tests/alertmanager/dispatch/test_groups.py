"""Groups and who is in them."""

from __future__ import annotations

from dataclasses import replace

from appliance.alertmanager.dispatch.groups import GroupTable
from appliance.alertmanager.route import RouteTree
from appliance.model.alert import Alert
from tests.alertmanager.world import labels_of, load, names

CONFIG = """\
route:
  receiver: r
  group_by: [g]
  routes: [{receiver: b, continue: true, matchers: [x=1]}, {receiver: a, matchers: [x=1]}]
receivers: [{name: r}, {name: a}, {name: b}]
"""


def table(*, max_groups: int = 0) -> GroupTable:
    config = load(CONFIG).value
    assert config is not None
    assert config.route is not None
    return GroupTable(RouteTree(config.route), max_groups=max_groups)


def alert(labels: str) -> Alert:
    return Alert(labels_of(labels), {}, 0, 10, 0)


def test_an_alert_is_in_one_group_of_each_of_its_routes() -> None:
    groups = table()
    first = groups.put(alert("x=1,g=1,i=1"))
    assert [group.route.receiver for group in first.joined] == ["b", "a"]
    assert first.made == first.joined
    second = groups.put(alert("x=1,g=1,i=2"))
    assert (second.made, second.joined) == ([], first.joined)
    assert groups.put(alert("x=1,g=1,i=2")).joined == []
    assert groups.receivers_of(alert("x=1,g=1,i=2")) == ("a", "b")
    assert groups.put(alert("g=1")).joined[0].key == '{}:{g="1"}'
    assert len(groups.groups) == 3


def test_alerts_are_dropped_unless_they_changed_and_empty_groups_are_forgotten() -> None:
    groups = table()
    one, two = alert("x=1,i=1"), alert("x=1,i=2")
    b, a = groups.put(one).joined
    groups.put(two)
    assert groups.drop([one], b) == []
    changed = replace(two, ends_ns=99)
    groups.put(changed)
    assert groups.drop([one, two], a) == [one.fingerprint]
    assert (list(a.alerts.values()), list(groups.held)) == ([changed], [two.fingerprint])
    assert groups.drop([changed], a) == []
    assert groups.drop([changed], b) == [two.fingerprint]
    assert (groups.groups, groups.held) == ({}, {})
    groups.forget([one.fingerprint, two.fingerprint])
    assert groups._routes == {}


def test_alerts_stay_sorted_when_they_come_and_go() -> None:
    groups = table()
    (group,) = groups.put(alert("i=2,job=b")).joined
    groups.put(alert("i=3"))
    assert names(group.sorted_alerts()) == ["2", "3"]
    groups.put(alert("i=1,job=a"))
    assert names(group.sorted_alerts()) == ["1", "2", "3"]
    groups.drop([group.sorted_alerts()[1]], group)
    assert names(group.sorted_alerts()) == ["1", "3"]


def test_there_is_no_room_for_more_groups_than_allowed() -> None:
    groups = table(max_groups=1)
    found = groups.put(alert("x=1,g=1"))
    assert (len(found.made), found.refused) == (1, 1)
    assert groups.put(alert("x=1,g=1")).refused == 1
    assert groups.receivers_of(alert("x=1,g=1")) == ("b",)
