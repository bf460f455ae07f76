"""The original's orders of alerts and groups."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from appliance.alertmanager.dispatch.order import alert_key, labels_key
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
