"""The original's orders of alerts and groups."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from appliance.alertmanager.dispatch.order import alert_key, in_order, labels_key
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from tests.alertmanager.world import labels_of

if TYPE_CHECKING:
    from collections.abc import Callable


def is_sorted(texts: list[str], key: Callable[[Labels], tuple[object, ...]]) -> bool:
    shuffled = random.Random(3).sample(texts, len(texts))
    return sorted(shuffled, key=lambda text: key(labels_of(text))) == texts


def test_fewer_labels_come_first_then_names_backwards_then_values() -> None:
    assert is_sorted(["b=1", "a=1", "a=2", "b=1,c=1", "a=1,c=1", "a=1,b=9"], labels_key)
    assert is_sorted(["ab=1", "a=1"], labels_key)


def test_alerts_come_by_job_then_instance_and_those_without_last() -> None:
    texts = [
        "alertname=C,job=a",
        "alertname=B,instance=1,job=b",
        "alertname=A,instance=2,job=b",
        "alertname=Q,job=b",
        "alertname=D,instance=0",
        "alertname=Z",
        "alertname=A,zone=1",
    ]
    assert is_sorted(texts, alert_key)


def test_alerts_are_in_the_same_order_whether_or_not_they_have_the_same_names() -> None:
    random.seed(5)
    names = ["alertname", "instance", "job", "zone"]
    for chosen in (names, names[:1], names[:2], [], ["b", "a"]):
        alerts = [alert({name: str(random.randrange(9)) for name in chosen}) for _ in range(60)]
        expected = sorted(alerts, key=lambda one: alert_key(one.labels))
        assert [one.labels for one in in_order(alerts)] == [one.labels for one in expected]
        mixed = [*alerts, alert({"other": "x"})]
        expected = sorted(mixed, key=lambda one: alert_key(one.labels))
        assert [one.labels for one in in_order(mixed)] == [one.labels for one in expected]


def alert(labels: dict[str, str]) -> Alert:
    return Alert(Labels.of(labels), {}, 0, 0, 0)
