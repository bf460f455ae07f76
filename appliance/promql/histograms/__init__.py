"""Native histograms in PromQL: pure functions on `model.histogram.Histogram`.

They follow Prometheus' FloatHistogram (model/histogram, 3.14). Arguments are never changed.

arithmetic
    add, subtract       sum, difference: `Combined(histogram, has_collision, is_reconciled)`
    scale, divide       by a number; negate: times -1 (a gauge)
    as_gauge            the same with the hint GAUGE
    compact             without empty buckets
    equals              bit by bit, reset hints aside
    copy_to_schema      with a lower resolution
    combined_hint       reset hint of a sum, and whether hints collide
    IncompatibleSchemas raised where exponential and custom buckets meet
total
    HistogramSum        compensated sum of many: add(h), total()
    HistogramMean       mean of many: add(h), mean()
reset
    detect_reset        whether a counter was reset since the previous histogram
trim
    trim_upper, trim_lower   what lies below, above a limit (`</`, `>/`)
quantile
    quantile, fraction  values below which a part lies; the part between two values
    variance            of the observations
batching, batch_estimates
    many histograms of one layout at once: `batched(histograms)` gives them as HistogramBatch
text
    print_histogram, print_test_expression   as Go's String() and TestExpression()

`model.histogram_bounds.all_buckets` iterates buckets, `wire.histogram_json` prints the API's form.
"""

from appliance.promql.histograms.arithmetic import (
    Combined,
    IncompatibleSchemas,
    add,
    as_gauge,
    combined_hint,
    compact,
    copy_to_schema,
    divide,
    equals,
    negate,
    scale,
    subtract,
)
from appliance.promql.histograms.quantile import fraction, quantile, variance
from appliance.promql.histograms.reset import detect_reset
from appliance.promql.histograms.text import print_histogram, print_test_expression
from appliance.promql.histograms.total import HistogramMean, HistogramSum
from appliance.promql.histograms.trim import trim_lower, trim_upper

__all__ = [
    "Combined",
    "HistogramMean",
    "HistogramSum",
    "IncompatibleSchemas",
    "add",
    "as_gauge",
    "combined_hint",
    "compact",
    "copy_to_schema",
    "detect_reset",
    "divide",
    "equals",
    "fraction",
    "negate",
    "print_histogram",
    "print_test_expression",
    "quantile",
    "scale",
    "subtract",
    "trim_lower",
    "trim_upper",
    "variance",
]
