from __future__ import annotations

from appliance.wire.otlp.message import Rejects


def test_a_run_of_items_has_one_reject_each() -> None:
    rejects = Rejects()
    rejects.add(3, "one")
    rejects.add(5, "several", count=2)

    assert [(item.index, item.reason) for item in rejects.items] == [
        (3, "one"),
        (5, "several"),
        (6, "several"),
    ]


def test_beyond_the_shown_ones_only_the_number_grows() -> None:
    rejects = Rejects()
    rejects.add(0, "many", count=10**6)

    assert len(rejects.items) == 10**6
    assert rejects.items[19].index == rejects.items[-1].index == 19
