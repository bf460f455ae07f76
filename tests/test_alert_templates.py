"""Labels of routes are filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.alert_templates import expander
from appliance.alertmanager.config import AlertmanagerConfig
from appliance.notify.integration import TemplateFailed
from tests.notify.receiving import a_message


def filled(**labels: str) -> dict[str, str]:
    return dict(expander(AlertmanagerConfig(), Path())(labels, a_message()))


def test_labels_are_made_of_the_alerts_and_of_each_other() -> None:
    assert filled(
        description='{{ .GroupLabels.alertname }}: {{ routeLabels "reason" }}{{ routeLabels "x" }}',
        plain="p",
        reason='{{ routeLabels "plain" }} on {{ .CommonLabels.instance }}',
    ) == {"description": "HighLoad: p on n1", "plain": "p", "reason": "p on n1"}


def test_circles_are_refused() -> None:
    with pytest.raises(TemplateFailed, match="in a circle: a → b → a"):
        filled(a='{{ routeLabels "b" }}', b='{{ routeLabels "a" }}')
