"""The notification that is sent by hand to try a receiver."""

from __future__ import annotations

from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.notify.message import Message

_LASTS_NS = 300 * 1_000_000_000


def trial_message(receiver: str, now_ns: int, external_url: str) -> Message:
    """A message with one alert that says that it is a test, in a group of its own."""
    labels = Labels.of({"alertname": "ReceiverTest", "receiver": receiver, "severity": "none"})
    text = f"TEST: a notification sent by hand to try the receiver {receiver}; nothing is wrong."
    alert = Alert(
        labels=labels,
        annotations={"summary": text, "description": text},
        starts_ns=now_ns,
        ends_ns=now_ns + _LASTS_NS,
        updated_ns=now_ns,
        generator_url=external_url,
    )
    return Message(
        receiver=receiver,
        # The time makes it a group that no receiver takes for an earlier one.
        group_key=f'{{}}:{{alertname="ReceiverTest", at="{now_ns}"}}',
        group_labels=Labels.of({"alertname": "ReceiverTest"}),
        alerts=(alert,),
        now_ns=now_ns,
        external_url=external_url,
        reason="test",
        is_test=True,
    )
