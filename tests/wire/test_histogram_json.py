from __future__ import annotations

import numpy as np
import pytest

from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.value import Matrix, QueryResult, Vector
from appliance.wire.api_json import success
from appliance.wire.histogram_json import api_buckets, print_histogram
from tests.promql.histograms.model import h


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("count:0", b'{"count":"0","sum":"0"}'),
        (
            "count:2 sum:1e21 buckets:[0 2]",
            b'{"count":"2","sum":"1e+21","buckets":[[0,"1","2","2"]]}',
        ),
        (
            "count:9 sum:-2.5 z_bucket:2 z_bucket_w:0.001 buckets:[3] n_buckets:[4]",
            b'{"count":"9","sum":"-2.5","buckets":[[1,"-1","-0.5","4"],[3,"-0.001","0.001","2"],[0,"0.5","1","3"]]}',
        ),
        (
            "schema:-53 count:6 custom_values:[-1 5] buckets:[1 2 3]",
            b'{"count":"6","sum":"0","buckets":[[3,"-Inf","-1","1"],[0,"-1","5","2"],[0,"5","+Inf","3"]]}',
        ),
    ],
)
def test_histograms_are_printed_as_prometheus_does(text: str, printed: bytes) -> None:
    assert print_histogram(h(text)) == printed


def test_the_zero_bucket_without_width_is_closed() -> None:
    assert api_buckets(h("z_bucket:2 buckets:[1]")) == [(3, 0.0, 0.0, 2.0), (0, 0.5, 1.0, 1.0)]


def test_nan_and_infinite_counts_are_printed() -> None:
    assert print_histogram(Histogram(0, np.inf, np.nan)) == b'{"count":"+Inf","sum":"NaN"}'


def test_a_vector_holds_floats_and_histograms() -> None:
    labels = [Labels.of({"a": "x"}), Labels.of({"a": "y"})]
    vector = Vector(1500, labels, np.array([7.0, 0.0]), [None, h("count:1 sum:2")])
    assert success(QueryResult(vector)) == (
        b'{"status":"success","data":{"resultType":"vector","result":['
        b'{"metric":{"a":"x"},"value":[1.500,"7"]},'
        b'{"metric":{"a":"y"},"histogram":[1.500,{"count":"1","sum":"2"}]}]}}'
    )


def test_a_series_of_a_matrix_may_hold_both() -> None:
    times = np.array([1000], dtype=np.int64)
    none = np.empty(0, dtype=np.int64)
    matrix = Matrix(
        [
            (Labels.of({"a": "x"}), times, np.array([7.0])),
            (Labels.of({"a": "y"}), none, np.empty(0)),
            (Labels.of({"a": "z"}), times, np.array([7.0])),
        ],
        [(times + 1000, [h("count:1")]), (times, [h("count:2")]), None],
    )
    assert success(QueryResult(matrix)) == (
        b'{"status":"success","data":{"resultType":"matrix","result":['
        b'{"metric":{"a":"x"},"values":[[1,"7"]],"histograms":[[2,{"count":"1","sum":"0"}]]},'
        b'{"metric":{"a":"y"},"histograms":[[1,{"count":"2","sum":"0"}]]},'
        b'{"metric":{"a":"z"},"values":[[1,"7"]]}]}}'
    )
