"""The head's parts."""

from __future__ import annotations

from typing import Any

from appliance.store.traces.head import Head, HeadState, Part
from appliance.store.traces.table import pack


def part(build: Any, count: int, row: int, *, at: int = 0) -> Part:
    spans = [build.span(row, row * 10_000 + number) for number in range(count)]
    return Part(pack(build.batch(spans)), row, at)


def sizes(parts: tuple[Part, ...]) -> list[int]:
    return [len(one.table) for one in parts]


def test_many_small_requests_make_few_parts(build: Any) -> None:
    head = Head()
    one = part(build, 1, 1)
    for row in range(1, 2001):
        head.append(Part(one.table, row, row))
    assert len(head.state) == 2000
    assert len(head.state.active) < 20
    assert head.state.active[0].arrived_ms == 1
    assert head.state.active[-1].last_row == 2000


def test_large_requests_are_left_alone(build: Any) -> None:
    head = Head()
    for row in range(1, 4):
        head.append(part(build, 600, row))
    assert sizes(head.state.active) == [600, 600, 600]


def test_rotation_takes_whole_parts_up_to_its_bounds(build: Any) -> None:
    head = Head()
    for row in range(1, 5):
        head.append(part(build, 600, row))
    head.rotate(1300, 1 << 30)
    assert (sizes(head.state.sealing), sizes(head.state.active)) == ([600, 600], [600, 600])
    head.drop_sealed()
    head.rotate(10, 1)
    assert sizes(head.state.sealing) == [600]


def test_what_is_being_sealed_is_left_as_it_is(build: Any) -> None:
    head = Head()
    head.append(part(build, 1, 1))
    head.rotate(100, 1 << 30)
    before = head.state.sealing
    head.append(part(build, 1, 2))
    head.rotate(100, 1 << 30)  # the first one has not been dropped
    assert head.state.sealing == before
    assert sizes(head.state.parts) == [1, 1]


def test_snapshot_does_not_see_what_comes_later(build: Any) -> None:
    head = Head()
    head.append(part(build, 1, 1))
    before: HeadState = head.state
    head.append(part(build, 1, 2))
    assert len(before) == 1
    assert head.view(before).count == 1
    assert head.view(head.state).count == 2


def test_view_is_built_once_per_state(build: Any) -> None:
    head = Head()
    head.append(part(build, 3, 1))
    assert head.view(head.state) is head.view(head.state)


def test_joined_parts_keep_parsed_attributes(build: Any) -> None:
    older, newer = (
        Part(pack(build.batch([build.span(1, n, attributes={"n": n})])), n, 0) for n in (1, 2)
    )
    assert len(older.parts().attributes.distinct) == len(newer.parts().attributes.distinct) == 1
    joined = older.joined(newer)
    fresh = Part(joined.table, 2, 0)
    assert joined.parts().attributes.distinct == fresh.parts().attributes.distinct
    assert joined.parts().attributes.rows.tolist() == [0, 1]
