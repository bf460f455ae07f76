"""What holds alerts and routes back."""

from __future__ import annotations

import pytest

from appliance.alertmanager.mute.muter import Suppression, TimeMute
from tests.alertmanager.world import World, load

CONFIG = """\
route:
  receiver: r
  routes:
    - {matchers: [t=plain]}
    - {matchers: [t=both], active_time_intervals: [on], mute_time_intervals: [off, on]}
    - {matchers: [t=outside], active_time_intervals: [off, off2], mute_time_intervals: [on]}
    - {matchers: [t=open], active_time_intervals: [off, on], mute_time_intervals: [off]}
receivers: [{name: r}]
time_intervals:
  - {name: on, time_intervals: [{}]}
  - {name: off, time_intervals: [{years: ['1999']}]}
  - {name: off2, time_intervals: [{years: ['1998']}]}
"""


@pytest.mark.parametrize(
    ("index", "mute"),
    [
        (0, TimeMute()),
        (1, TimeMute("mute_time_interval", ("on",))),
        (2, TimeMute("active_time_interval", ("off", "off2"))),
        (3, TimeMute()),
    ],
)
def test_active_intervals_are_asked_first(index: int, mute: TimeMute) -> None:
    world = World(CONFIG)
    route = world.am.tree.at((index,))
    assert world.am._muter.time_mute(route, world.begin_ns) == mute


def test_a_suppression_is_true_when_somebody_holds_back() -> None:
    assert not Suppression()
    assert Suppression(("s",))
    assert Suppression(muted_by=("t",))


def test_metrics_show_how_much_a_configuration_has() -> None:
    decoded = load(
        CONFIG.replace(
            "[{name: r}]",
            "[{name: r, webhook_configs: [{url: 'http://x'}, {url: 'http://y'}]}, {name: s}]",
        )
    )
    world = World()
    assert world.metric("alertmanager_receivers") == 3
    assert decoded.value is not None
    world.am._metrics.show(decoded.value)
    assert world.metric("alertmanager_receivers") == 2
    assert world.metric("alertmanager_integrations") == 2
    assert world.metric("alertmanager_inhibition_rules") == 0
