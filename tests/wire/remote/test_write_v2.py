"""Remote write 2: symbols, start times, metadata, exemplars, histograms."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.model.sample import is_histogram
from appliance.wire.remote.symbols import SymbolNumbers
from appliance.wire.remote.write_v2 import decode
from tests.remote_requests import NOW, Request2, native_histogram
from tests.sources import labels

UP = {"__name__": "up", "job": "node"}


def test_samples_and_start_times() -> None:
    request = Request2()
    series = request.series(UP, [(NOW, 1.5), (NOW + 1, 0.0)])
    series.samples[0].start_timestamp = NOW - 5
    request.series({"__name__": "old"}, [(5, -1.0)])
    found = decode(request.encode(), SymbolNumbers())
    assert found.series.tolist() == [0, 0, 1]
    assert found.timestamps_ms.tolist() == [NOW, NOW + 1, 5]
    assert found.values.tolist() == [1.5, 0.0, -1.0]
    assert found.starts_ms is not None
    assert found.starts_ms.tolist() == [NOW - 5, 0, 0]
    assert found.read_labels(found.keys[0]) == labels(name="up", job="node")


def test_created_timestamp_of_older_senders() -> None:
    request = Request2()
    request.series(UP, [(NOW, 1.5)]).created_timestamp = NOW - 9
    found = decode(request.encode(), SymbolNumbers())
    assert found.starts_ms is not None
    assert found.starts_ms.tolist() == [NOW - 9]


def test_keys_do_not_depend_on_the_table() -> None:
    one, two = Request2(), Request2()
    two.ref("something else")
    one.series(UP, [(NOW, 1.0)])
    two.series(UP, [(NOW, 1.0)])
    known = SymbolNumbers()
    assert decode(one.encode(), known).keys == decode(two.encode(), known).keys


def test_metadata_exemplars_histograms() -> None:
    request = Request2()
    series = request.series(UP)
    series.metadata.type = 2
    series.metadata.help_ref = request.ref("Is up.")
    series.exemplars.add(
        labels_refs=[request.ref("trace_id"), request.ref("abc")], value=2.0, timestamp=NOW
    )
    histogram = native_histogram(NOW)
    histogram.start_timestamp = NOW - 1
    series.histograms.append(histogram)
    found = decode(request.encode(), SymbolNumbers())
    assert (found.metadata["up"].type, found.metadata["up"].help) == ("gauge", "Is up.")
    assert found.exemplars == [(0, Exemplar(labels(trace_id="abc"), 2.0, NOW))]
    assert is_histogram(found.values).tolist() == [True]
    assert found.starts_ms is not None
    assert found.starts_ms.tolist() == [NOW - 1]


def test_a_series_needs_a_name() -> None:
    request = Request2()
    request.series({"job": "node"}, [(NOW, 1.0)])
    found = decode(request.encode(), SymbolNumbers())
    with pytest.raises(BadInput, match="invalid metric name or labels"):
        found.read_labels(found.keys[0])


def test_references_that_lead_nowhere() -> None:
    request = Request2()
    request.series(UP, [(NOW, 1.0)]).labels_refs.extend([99, 100])
    with pytest.raises(BadInput, match="symbols table"):
        decode(request.encode(), SymbolNumbers())
    request = Request2()
    request.series(UP, [(NOW, 1.0)]).labels_refs.append(1)
    with pytest.raises(BadInput, match="labelRefs"):
        decode(request.encode(), SymbolNumbers())


def test_metadata_of_series_in_the_usual_shape() -> None:
    request = Request2()
    for n in range(3):
        series = request.series({"__name__": f"m{n % 2}", "n": str(n)}, [(NOW, float(n))])
        series.metadata.type = 1 + n % 2
        series.metadata.help_ref = request.ref(f"Help {n % 2}.")
    series = request.series({"Zone": "z", "__name__": "m2"}, [(NOW, 7.0)])
    series.metadata.unit_ref = request.ref("s")
    found = decode(request.encode(), SymbolNumbers())
    assert found.values.tolist() == [0.0, 1.0, 2.0, 7.0]
    shown = {name: (item.type, item.help, item.unit) for name, item in found.metadata.items()}
    assert shown == {
        "m0": ("counter", "Help 0.", ""),
        "m1": ("gauge", "Help 1.", ""),
        "m2": ("unknown", "", "s"),
    }


def test_numbers_are_never_given_twice() -> None:
    one, two = SymbolNumbers(), SymbolNumbers()
    first, second = one.of([b"a", b"b", b"a"]), two.of([b"c"])
    assert first[0] == first[2] != first[1]
    assert second[0] not in first
    assert one.of([b"b"])[0] == first[1]
