"""Sets of structured metadata by column."""

from __future__ import annotations

from appliance.lines.metadata import MetadataSets, MetadataTable

SETS = MetadataSets([(), (("a", "1"), ("b", "x")), (("b", "y"),), (("b", "x"),)])


def test_sets_are_had_by_name_and_by_number() -> None:
    assert isinstance(SETS, MetadataTable)
    assert SETS.names == ("a", "b")
    assert SETS.column("b").texts() == [None, "x", "y", "x"]
    assert SETS.column("a").texts() == [None, "1", None, None]
    assert SETS.column("a") is SETS.column("a")
    assert SETS[2] == (("b", "y"),)
    assert SETS == ((), (("a", "1"), ("b", "x")), (("b", "y"),), (("b", "x"),))


def test_the_mean_is_that_of_sets_that_have_something() -> None:
    assert SETS.mean_bytes == 8 / 3
    assert MetadataSets([()]).mean_bytes == 0
    assert MetadataSets([()]).names == ()
