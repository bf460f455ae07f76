"""The JSON that browsers get, and its twin in TypeScript."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from appliance.dashboards import fields, model
from appliance.dashboards.model import (
    PANEL_TYPES,
    UNSUPPORTED,
    Engine,
    Finding,
    Severity,
    document,
)

TYPES = (Path(__file__).parents[2] / "web/src/dashboard/types.ts").read_text(encoding="utf-8")
CLASSES = [
    getattr(module, name)
    for module in (fields, model)
    for name in vars(module)
    if name[0].isupper()
    and dataclasses.is_dataclass(getattr(module, name))
    and getattr(module, name).__module__ == module.__name__
    and name != "TimeRange"
]


def test_names_are_in_camel_case_and_places_are_hidden() -> None:
    found = document(Finding("c", Severity.INFO, "m", panel_title="P", path=("a", 1)))
    assert found == {
        "code": "c", "severity": "info", "message": "m", "hint": "", "panelId": None,
        "panelTitle": "P", "refId": "",
    }  # fmt: skip


@pytest.mark.parametrize("cls", CLASSES, ids=[cls.__name__ for cls in CLASSES])
def test_every_field_is_in_the_twin(cls: type) -> None:
    pattern = rf"export interface {cls.__name__} {{\n(.*?)^}}"
    body = re.search(pattern, TYPES, re.MULTILINE | re.DOTALL)
    assert body, cls.__name__
    there = set(re.findall(r"^  (\w+)\??:", body[1], re.MULTILINE))
    here = {name for _, name in model._names(cls)}
    assert here == there


def test_names_of_types_and_engines_are_in_the_twin() -> None:
    for name in [*PANEL_TYPES, UNSUPPORTED, *(engine.value for engine in Engine)]:
        assert f'"{name}"' in TYPES
