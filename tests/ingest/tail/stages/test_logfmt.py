"""Values out of logfmt lines."""

from __future__ import annotations

import pytest

from appliance.ingest.tail.stages.logfmt import pairs
from tests.ingest.tail.stages.piping import one


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=1 b=two", [("a", "1"), ("b", "two")]),
        ('msg="hello \\"you\\"\\n" x=', [("msg", 'hello "you"\n'), ("x", "")]),
        ("  lone a=b\tc=d\ne=f ", [("lone", ""), ("a", "b"), ("c", "d"), ("e", "f")]),
        ("a=b=c d=e", []),
        ('a=1 ="x" b=2', [("a", "1")]),
        ('a=1 b="open', [("a", "1")]),
        ('a="x"y b=1', []),
        ('a=1 b="\\q"', [("a", "1")]),
        ("ü=ö", [("ü", "ö")]),
        ("", []),
    ],
)
def test_pairs(text: str, found: list[tuple[str, str]]) -> None:
    assert list(pairs(text)) == found


def test_mapped_keys_are_extracted() -> None:
    config = "- logfmt: {mapping: {level: lvl, msg: }}"
    assert one(config, "lvl=info msg=hi other=1").extracted == {"level": "info", "msg": "hi"}


def test_a_source() -> None:
    config = "- logfmt: {mapping: {a: }, source: job}"
    assert one(config, "a=line", job="a=label").extracted == {"job": "a=label", "a": "label"}
    assert one("- logfmt: {mapping: {a: }, source: none}", "a=1").extracted == {}
