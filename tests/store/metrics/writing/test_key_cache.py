"""Keys: one look-up per known series, bounded, forgotten with the series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from appliance.base.errors import LimitExceeded
from appliance.model.labels import Labels
from appliance.store.metrics.writing.key_cache import KeyCache
from tests.store.metrics.conftest import Bench, name_of


class Registry:
    """Numbers label sets and counts how often it is asked."""

    def __init__(self) -> None:
        self.ids: dict[Labels, int] = {}
        self.asked = 0

    def resolve(self, _tenant: int, labels: Sequence[Labels]) -> np.ndarray:
        self.asked += len(labels)
        return np.array([self.ids.setdefault(item, len(self.ids) + 1) for item in labels])


def test_known_keys_are_not_resolved_again() -> None:
    registry = Registry()
    cache = KeyCache(registry.resolve)
    keys = [b"a", b"b", b"a"]
    names = [name_of(key.decode()) for key in keys]
    assert cache.resolve(1, keys, names.__getitem__).tolist() == [1, 2, 1]
    asked = registry.asked
    assert cache.resolve(1, keys, names.__getitem__).tolist() == [1, 2, 1]
    assert registry.asked == asked
    cache.resolve(2, keys, names.__getitem__)
    assert registry.asked > asked, "another tenant has keys of its own"


def test_keys_without_labels_get_no_id_and_are_asked_for_again() -> None:
    cache, made = KeyCache(Registry().resolve), []

    def make(row: int) -> Labels | None:
        made.append(row)
        return None if row == 1 else name_of("x")

    assert cache.resolve(1, [b"good", b"bad"], make).tolist() == [1, 0]
    assert cache.resolve(1, [b"good", b"bad"], make).tolist() == [1, 0]
    assert made == [0, 1, 1]


def test_memory_is_bounded_but_keys_in_use_stay() -> None:
    registry = Registry()
    cache = KeyCache(registry.resolve, most_bytes=2000)
    for number in range(100):
        keys = [b"always", b"once %d" % number]
        cache.resolve(1, keys, lambda row, keys=keys: name_of(keys[row].decode()))  # type: ignore[misc]
    assert registry.asked == 101
    tenant = cache._tenants[1]
    assert len(tenant.ids) + len(tenant.older) < 30


async def test_ids_of_forgotten_series_are_replaced(bench: Bench) -> None:
    from appliance.store.retention import Retention

    def resolve() -> int:
        return int(bench.store.resolve_keys("a", [b"key"], lambda _: name_of("x"))[0])

    first = resolve()
    assert resolve() == first
    await bench.clock.advance(16 * 60)
    bench.store.retain(Retention())
    assert resolve() != first


def test_the_limit_of_series_holds(bench: Bench) -> None:
    bench.options["series_per_tenant"] = 1
    bench.reopen()
    with pytest.raises(LimitExceeded):
        bench.store.resolve_keys("a", [b"1", b"2"], lambda row: name_of(str(row)))
