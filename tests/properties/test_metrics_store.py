"""The metric store keeps what a plain dictionary keeps, whatever happens to it between."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.sample import STALE_BITS
from tests.random_examples import examples

from .metric_store_pair import SERIES, Pair, Sample

STALE = float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])

floats = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([0.1, 2.5, 1e-7, -0.0, 7.0, float("inf"), float("nan"), STALE]),
)
histograms = st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple)
times = st.integers(0, 25) | st.sampled_from([-(1 << 62), -5, 1 << 62])
numbers = st.integers(0, len(SERIES) - 1)
tenants = st.sampled_from(["a", "a", "a", "b"])
samples = st.builds(
    Sample,
    numbers,
    times,
    st.one_of(floats, floats, histograms),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from(["", "", "x", "y"]),
)
batches = st.lists(samples, min_size=1, max_size=8)

#: The name of a method of `Pair` and what it is given.
steps = st.one_of(
    st.tuples(st.just("scrape"), tenants, st.sampled_from(["x", "y"]), batches),
    st.tuples(st.just("scrape"), tenants, st.sampled_from(["x", "y"]), batches),
    st.tuples(st.just("push"), tenants, batches, st.booleans()),
    st.tuples(st.just("seal"), st.booleans()),
    st.tuples(st.sampled_from(["reopen", "crash", "retain"])),
    st.tuples(st.just("delete"), tenants, numbers, st.integers(-6, 20), st.integers(0, 30)),
    st.tuples(st.just("compare"), tenants, st.integers(-1, 20), st.integers(0, 20)),
)


def run(pair: Pair, name: str, *given: object) -> None:
    match name, given:
        case "scrape", (str(tenant), str(group), list(batch)):
            time = batch[0].time
            distinct = {sample.series: replace(sample, time=time) for sample in batch}
            pair.scrape(tenant, group, list(distinct.values()))
        case "push", (str(tenant), list(batch), bool(is_keyed)):
            pair.push(tenant, batch, is_keyed=is_keyed)
        case "seal", (bool(force),):
            pair.store.seal(force=force)
        case "delete", (str(tenant), int(series), int(start), int(length)):
            pair.delete(tenant, series, start, start + length)
        case "compare", (str(tenant), int(start), int(length)):
            pair.compare(tenant, start, start + length)
        case _:
            getattr(pair, name)()


@examples(120)
@given(st.lists(steps, max_size=25))
def test_store_equals_a_dictionary(actions: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "0").mkdir()
        pair = Pair(Path(folder))
        try:
            for name, *rest in actions:
                run(pair, str(name), *rest)
            for tenant in ("a", "b"):
                pair.compare(tenant)
                pair.store.seal(force=True)
                pair.compare(tenant)
        finally:
            pair.store.close()
