"""Damage is told once a row and counted every time."""

from __future__ import annotations

import logging

import pytest

from appliance.base.telemetry import Telemetry
from appliance.store.logs.damage import DamageReport


def test_a_row_is_told_once_and_counted_each_time(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    report = DamageReport(telemetry)
    with caplog.at_level(logging.ERROR):
        for number in (7, 7, 8):
            report("chunk", number, ValueError("checksum mismatch"))
    assert [record.message for record in caplog.records] == [
        "logs: row 7 of table 'chunk' is damaged and skipped: checksum mismatch",
        "logs: row 8 of table 'chunk' is damaged and skipped: checksum mismatch",
    ]
    assert b'appliance_store_damaged_blocks_total{signal="logs"} 3.0' in telemetry.expose()
