"""The routing tree."""

from __future__ import annotations

import pytest

from appliance.alertmanager.route import Route, RouteTree
from tests.alertmanager.world import labels_of, load

HOUR_NS = 3600 * 10**9
CONFIG = """\
route:
  receiver: root
  group_by: [b, a]
  group_wait: 1s
  labels: {team: t, tier: one}
  routes:
    - matchers: [x="1", 'a!="2"']
      receiver: one
      group_by: []
      continue: true
      labels: {tier: two}
      mute_time_intervals: [m]
      routes:
        - match_re: {y: p|q}
          matchers: ['"my key"="z"']
          group_interval: 2m
          group_by: ['...']
          routes: [{matchers: [z=1]}]
    - {matchers: [x=1], receiver: two, repeat_interval: 1d, active_time_intervals: [m]}
    - {matchers: ['x=~"1|2"'], receiver: three}
    - {matchers: [w=1], continue: true, receiver: one}
receivers: [{name: root}, {name: one}, {name: two}, {name: three}]
time_intervals: [{name: m}]
"""


def tree() -> RouteTree:
    decoded = load(CONFIG)
    assert decoded.value is not None
    assert decoded.value.route is not None
    return RouteTree(decoded.value.route, origin=decoded.origin)


@pytest.mark.parametrize(
    ("labels", "paths"),
    [
        ("A", [()]),
        ("x=1", [(0,), (1,)]),
        ("x=1,a=2", [(1,)]),
        ("x=1,y=q,my key=z", [(0, 0), (1,)]),
        ("x=1,y=qq,my key=z", [(0,), (1,)]),
        ("x=1,y=p,my key=z,z=1", [(0, 0, 0), (1,)]),
        ("x=2", [(2,)]),
        ("w=1", [(3,)]),
    ],
)
def test_alerts_go_to_the_deepest_routes_that_match(
    labels: str, paths: list[tuple[int, ...]]
) -> None:
    assert [route.path for route in tree().match(labels_of(labels))] == paths


def test_routes_inherit_what_they_do_not_say() -> None:
    root, one, deep, deepest, two = list(tree().walk())[:5]

    def waits(route: Route) -> tuple[float, ...]:
        spans = (route.group_wait_ns, route.group_interval_ns, route.repeat_interval_ns)
        return tuple(span / 10**9 for span in spans)

    assert waits(root) == waits(one) == (1, 300, 4 * 3600)
    assert waits(deep) == waits(deepest) == (1, 120, 4 * 3600)
    assert waits(two) == (1, 300, 24 * 3600)
    assert [route.receiver for route in (one, deep, deepest)] == ["one"] * 3
    assert [route.group_by for route in (root, one, deep, deepest, two)] == [
        ("a", "b"), (), None, None, ("a", "b"),
    ]  # fmt: skip
    assert deepest.labels == {"team": "t", "tier": "two"}
    assert (one.mute_intervals, deep.mute_intervals) == (("m",), ())
    assert two.active_intervals == ("m",)


def test_keys_and_places_are_the_originals() -> None:
    keys = {route.path: route.key for route in tree().walk()}
    assert keys[()] == "{}"
    assert keys[0,] == '{}/{a!="2",x="1"}'
    assert keys[0, 0] == '{}/{a!="2",x="1"}/{"my key"="z",y=~"^(?:p|q)$"}'
    assert keys[2,] == '{}/{x=~"1|2"}'
    assert tree().at((0, 0)).place == ("am.yml", 14)
    assert tree().at((0, 0, 0)).path == (0, 0, 0)


@pytest.mark.parametrize(
    ("path", "labels", "key"),
    [
        ((), "a=1,b=2,c=3", '{}:{a="1", b="2"}'),
        ((), 'a=x"y', '{}:{a="x\\"y"}'),
        ((0,), "a=1", '{}/{a!="2",x="1"}:{}'),
        ((0, 0), "c=1,d=\n", '{}/{a!="2",x="1"}/{"my key"="z",y=~"^(?:p|q)$"}:{c="1", d="\\n"}'),
    ],
)
def test_group_keys_have_the_labels_that_are_grouped_by(
    path: tuple[int, ...], labels: str, key: str
) -> None:
    route = tree().at(path)
    assert route.group_key(route.group_labels(labels_of(labels))) == key


def test_without_a_file_routes_have_no_place_and_the_usual_times() -> None:
    decoded = load("route: {receiver: r}\nreceivers: [{name: r}]")
    assert decoded.value is not None
    assert decoded.value.route is not None
    route = RouteTree(decoded.value.route).root
    assert route.place == ("", 0)
    assert (route.group_wait_ns, route.group_by) == (30 * 10**9, ())
