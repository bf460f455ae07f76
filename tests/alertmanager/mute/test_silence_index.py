"""Which of many silences match."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.alertmanager.matchers import parse_matchers
from appliance.alertmanager.mute import silence_index
from appliance.alertmanager.mute.silence_index import SilenceIndex
from appliance.model.silence import Silence
from tests.alertmanager.world import labels_of


def silence(number: int, matchers: str) -> Silence:
    return Silence(str(number), tuple(parse_matchers(matchers)), 0, 1, 0, "", "")


@pytest.mark.parametrize(
    ("matchers", "matching", "others"),
    [
        ("a=1", ["a=1", "a=1,b=2"], ["a=2", "b=1"]),
        ("a=1,b=2", ["a=1,b=2"], ["a=1", "b=2"]),
        ('a=~"1|2"', ["a=1", "a=2"], ["a=12", "b=1"]),
        ('a=~"1|"', ["a=1", "b=1"], ["a=2"]),
        ('a=~"1.*"', ["a=12", "a=1"], ["a=2", "b=1"]),
        ('a!=""', ["a=1"], ["b=1"]),
        ('a!="1"', ["a=2", "b=1"], ["a=1"]),
        ('a!~"1|2",b=1', ["b=1", "a=3,b=1"], ["a=1,b=1"]),
        ('a="",b=1', ["b=1"], ["a=1,b=1"]),
    ],
)
def test_silences_are_found_wherever_they_are_filed(
    matchers: str, matching: list[str], others: list[str]
) -> None:
    index = SilenceIndex([silence(1, matchers), silence(2, "z=9")])
    assert [one for one in matching if index.matching(labels_of(one)) != ["1"]] == []
    assert [one for one in others if index.matching(labels_of(one))] == []


def test_silences_added_later_are_found_though_a_value_was_looked_up() -> None:
    index = SilenceIndex([silence(1, 'a=~"1.*"')])
    assert index.matching(labels_of("a=12")) == ["1"]
    index.add(silence(2, 'a=~".*2"'))
    assert sorted(index.matching(labels_of("a=12"))) == ["1", "2"]


def test_few_silences_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    silences = [silence(i, f'alertname=X, instance="host{i}"') for i in range(1000)]
    silences += [silence(1000 + i, f'alertname=~"Y{i}x.*"') for i in range(100)]
    index = SilenceIndex(silences)
    asked: list[Any] = []
    matches = silence_index._Entry.matches

    def counting(entry: Any, labels: Any) -> bool:
        asked.append(entry)
        return matches(entry, labels)

    monkeypatch.setattr(silence_index._Entry, "matches", counting)
    assert index.matching(labels_of("X,instance=host7")) == ["7"]
    assert index.matching(labels_of("Y42x,instance=host8")) == ["1042"]
    assert len(asked) <= 4
