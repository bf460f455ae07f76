"""Aggregations, at all steps at once.

operators     `aggregate`, the table of operators, and the simple ones
input         what an operator works on
sums          sum and avg; compensated: floats by lanes; overflowing: in Prometheus' order;
              histogram_totals: histograms of one layout
dispersion    stddev, stdvar, quantile
ranking       topk, bottomk
limiting      limitk, limit_ratio; label_hash: what the latter goes by
value_counts  count_values
"""

from appliance.promql.aggregation.operators import aggregate

__all__ = ["aggregate"]
