"""Silences as the original keeps and changes them."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from appliance.alertmanager.deps import AlertmanagerOptions
from appliance.base.errors import BadInput, NotFound, StorageFull
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.silence import Silence, SilenceState
from tests.alertmanager.world import SECOND_NS, World, labels_of

A = Matcher("a", MatchOp.EQUAL, "1")
B = Matcher("b", MatchOp.REGEX, "x.*")


async def test_a_silence_gets_an_id_and_a_start_that_is_not_past() -> None:
    world = World()
    number = await world.silence(A, starts=-100)
    silence = world.am.silences.get(number)
    assert str(uuid.UUID(number)) == number
    assert silence.starts_ns == silence.updated_ns == world.begin_ns
    assert (silence.created_by, silence.comment) == ("me", "why")
    assert world.store.silences == {number: silence}
    without = replace(world.silence_of(A), starts_ns=0)
    number = await world.am.silences.set(without)
    assert world.am.silences.get(number).starts_ns == world.begin_ns
    assert [one.kind.value for one in world.events] == ["silenced", "silenced"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"matchers": ()}, "at least one matcher required"),
        (
            {"matchers": (Matcher("a", MatchOp.EQUAL, ""), Matcher("b", MatchOp.REGEX, ".*"))},
            "at least one matcher must not match the empty string",
        ),
        (
            {"matchers": (A, Matcher("", MatchOp.EQUAL, "x"))},
            'invalid label matcher 1: invalid label name ""',
        ),
        (
            {"matchers": (Matcher("a", MatchOp.REGEX, "("),)},
            (
                'invalid label matcher 0: invalid regular expression "(": error parsing regexp:'
                " missing closing ): `(`"
            ),
        ),
        ({"ends_ns": 0}, "invalid zero end timestamp"),
        ({"ends_ns": 1}, "end time must not be before start time"),
    ],
)
async def test_silences_that_are_not_valid_are_refused(
    change: dict[str, object], message: str
) -> None:
    world = World()
    with pytest.raises(BadInput) as caught:
        await world.am.silences.set(replace(world.silence_of(A), **change))  # type: ignore[arg-type]
    assert caught.value.message == f"invalid silence: {message}"
    assert world.am.silences.all() == []


@pytest.mark.parametrize(
    ("starts", "passed", "change", "keeps"),
    [
        (0, 10, {}, True),
        (0, 10, {"comment": "new"}, True),
        (0, 10, {"ends": 9999}, True),
        (0, 10, {"ends": 10}, True),
        (0, 10, {"ends": 5}, False),
        (0, 10, {"starts": 1}, False),
        (0, 10, {"starts": 20}, False),
        (0, 10, {"matchers": (B,)}, False),
        (50, 10, {"starts": 60}, True),
        (50, 10, {"starts": 5}, False),
        (50, 10, {"starts": 50, "matchers": (A, B)}, False),
        (0, 4000, {"ends": 9999}, False),
    ],
)
async def test_the_id_stays_while_the_past_does(
    starts: float, passed: float, change: dict[str, object], *, keeps: bool
) -> None:
    world = World()
    number = await world.silence(A, starts=starts)
    old = world.am.silences.get(number)
    await world.clock.advance(passed)
    times = {
        f"{name}_ns": world.begin_ns + int(seconds * SECOND_NS)
        for name, seconds in change.items()
        if isinstance(seconds, int)
    }
    others = {name: value for name, value in change.items() if not isinstance(value, int)}
    changed = replace(old, **times, **others)  # type: ignore[arg-type]
    new = await world.am.silences.set(changed)
    now_ns = world.clock.now_ns()
    assert (new == number) is keeps
    found = world.am.silences.get(new)
    assert found.updated_ns == now_ns
    assert found.matchers == changed.matchers
    assert len(world.am.silences.all()) == (1 if keeps else 2)
    if not keeps:
        assert world.am.silences.get(number).state(now_ns) is SilenceState.EXPIRED
        assert found.starts_ns == max(changed.starts_ns, now_ns)
    assert {one.id: one for one in world.am.silences.all()} == world.store.silences


async def test_unknown_silences_are_not_found() -> None:
    world = World()
    silences = world.am.silences
    with pytest.raises(NotFound, match="silence not found"):
        silences.get("x")
    with pytest.raises(NotFound, match="silence not found"):
        await silences.expire("x")
    with pytest.raises(NotFound, match="silence not found"):
        await silences.set(replace(world.silence_of(A), id="x"))


async def test_silences_expire_once() -> None:
    world = World()
    active, pending = await world.silence(A), await world.silence(A, starts=60)
    await world.clock.advance(10)
    now_ns = world.clock.now_ns()
    for number in (active, pending):
        await world.am.silences.expire(number)
        ended = world.am.silences.get(number)
        assert ended.ends_ns == ended.updated_ns == now_ns
        await world.clock.advance(1)
        await world.am.silences.expire(number)
        assert world.am.silences.get(number) == ended
        now_ns = world.clock.now_ns()
    assert world.am.silences.get(pending).starts_ns == world.am.silences.get(pending).ends_ns


async def test_what_cannot_be_stored_does_not_happen() -> None:
    world = World()
    number = await world.silence(A)
    world.store.fails = StorageFull("no room")
    with pytest.raises(StorageFull):
        await world.silence(B)
    with pytest.raises(StorageFull):
        await world.am.silences.expire(number)
    assert [one.state(world.clock.now_ns()) for one in world.am.silences.all()] == [
        SilenceState.ACTIVE
    ]


async def test_limits_are_told_with_their_values() -> None:
    world = World(options=AlertmanagerOptions(max_silences=1, max_silence_bytes=60))
    number = await world.silence(A)
    with pytest.raises(BadInput, match=r"exceeded maximum number of silences: 1 \(limit: 1\)"):
        await world.silence(B)
    old = world.am.silences.get(number)
    await world.am.silences.set(replace(old, comment="fits"))
    with pytest.raises(BadInput, match=r"maximum size: 140 bytes \(limit: 60 bytes\)"):
        await world.am.silences.set(replace(old, comment="x" * 100))


async def test_alerts_are_matched_with_all_silences_made_before_and_after() -> None:
    world = World()
    silences, labels = world.am.silences, labels_of("a=1,b=xy")

    def by(seconds: float = 0) -> set[str]:
        at_ns = world.begin_ns + int(seconds * SECOND_NS)
        return set(silences.silenced_by("f", labels, at_ns))

    assert by() == set()
    first = await world.silence(A, ends=100)
    assert by() == {first}
    made = {await world.silence(B, starts=50, ends=200) for _ in range(30)}
    await world.silence(Matcher("a", MatchOp.EQUAL, "2"))
    assert (by(), by(50), by(100), by(200)) == ({first}, {first, *made}, made, set())
    await silences.expire(first)
    assert by(1) == set()
    again = silences.silenced_by("g", labels, world.begin_ns + 60 * SECOND_NS)
    assert set(again) == made
    assert again == tuple(one.id for one in silences.all() if one.id in made)
    silences.forget(["f"])
    assert by(60) == made


async def test_what_looking_for_silences_costs_is_counted() -> None:
    async with World() as world:
        for value in ("1", "2", "3"):
            await world.silence(Matcher("a", MatchOp.EQUAL, value))
        seen = (world.am.silences, labels_of("a=x"), world.clock.now_ns())
        seen[0].silenced_by("f", *seen[1:])
        seen[0].silenced_by("f", *seen[1:])
        await world.silence(B)
        seen[0].silenced_by("f", *seen[1:])
        prefix = "alertmanager_silences"
        counted = [
            world.metric(f"{prefix}_{name}")
            for name in (
                *("query_silences_scanned_total", "query_silences_skipped_total"),
                *("query_duration_seconds_count", "state_size", "matcher_index_size"),
            )
        ]
        assert counted == [4, 3, 2, 4, 4]


async def test_expired_silences_are_forgotten_after_their_retention() -> None:
    options = AlertmanagerOptions(retention_seconds=500, maintenance_seconds=100)
    async with World(options=options) as world:
        number = await world.silence(A, ends=100)
        other = await world.silence(B, ends=5000)
        await world.put(world.alert("X,a=1"))
        await world.advance(590)
        assert world.metric("alertmanager_silences", state="expired") == 1
        assert world.metric("alertmanager_silences", state="active") == 1
        await world.advance(20)
        assert [one.id for one in world.am.silences.all()] == [other] == list(world.store.silences)
        with pytest.raises(NotFound):
            world.am.silences.get(number)
        assert world.metric("alertmanager_silences_maintenance_total") == 6
        assert world.am.silences.silenced_by("f", labels_of("b=x"), world.clock.now_ns())


async def test_silences_outlive_a_restart() -> None:
    world = World()
    number = await world.silence(A)
    async with world.again() as later:
        assert isinstance(later.am.silences.get(number), Silence)
        found = later.am.silences.silenced_by("f", labels_of("a=1"), world.begin_ns)
        assert found == (number,)
