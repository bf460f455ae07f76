"""What an integration is told next."""

from __future__ import annotations

import pytest

from appliance.alertmanager.explain.facts import Addressee
from appliance.alertmanager.explain.outlook import GroupOutlook, Member, outlook
from appliance.alertmanager.explain.values import Status, Verdict
from appliance.model.alert_event import AlertEvent, EventKind

GONE = "00000000000000aa"


@pytest.mark.parametrize(
    ("is_sending", "verdict"), [(True, Verdict.SENDING), (False, Verdict.MISSED)]
)
def test_what_is_tried_again_is_not_missed_though_the_alert_is_over(
    is_sending: bool,  # noqa: FBT001 - a table
    verdict: Verdict,
) -> None:
    group = GroupOutlook(frozenset(), frozenset({GONE}), 100, 10, 1000, is_sending=is_sending)
    tried = AlertEvent(
        90, EventKind.ATTEMPT, detail={"error": "refused", "attempt": 2, "will_retry": True}
    )
    found = outlook(
        Addressee("slack", 0, send_resolved=False),
        None,
        group,
        Member(GONE, Status.RESOLVED, is_here=True),
        events=[tried],
    )
    assert found.verdict is verdict
