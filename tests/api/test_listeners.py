"""The table of listeners."""

from __future__ import annotations

import importlib

import pytest

from appliance.api.listeners import BY_NAME, LISTENERS
from appliance.settings.listen import LISTENERS as SETTINGS
from appliance.settings.listen import Listen


def test_names_order_and_ports_are_those_of_the_settings() -> None:
    assert tuple(row.name for row in LISTENERS) == SETTINGS
    addresses = {name: getattr(Listen(), name) for name in SETTINGS}
    assert {row.name: row.port for row in LISTENERS} == {n: a.port for n, a in addresses.items()}
    assert {row.name: row.is_usual for row in LISTENERS} == {
        name: address.is_open for name, address in addresses.items()
    }


@pytest.mark.parametrize("name", ["prometheus", "loki", "tempo", "jaeger"])
def test_factories_can_be_imported(name: str) -> None:
    module, _, function = str(BY_NAME[name].factory).partition(":")
    assert callable(getattr(importlib.import_module(module), function))
