"""The table of functions."""

from __future__ import annotations

from appliance.promql.signatures import FUNCTIONS, MATRIX, SCALAR, STRING, VECTOR, Signature

NAMES = """
    abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp
    clamp_max clamp_min cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month
    deg delta deriv double_exponential_smoothing end exp first_over_time floor histogram_avg
    histogram_count histogram_fraction histogram_quantile histogram_quantiles histogram_stddev
    histogram_stdvar histogram_sum hour idelta increase info irate label_join label_replace
    last_over_time ln log10 log2 mad_over_time max_of max_over_time min_of min_over_time minute
    month pi predict_linear present_over_time quantile_over_time rad range rate resets round scalar
    sgn sin sinh sort sort_by_label sort_by_label_desc sort_desc sqrt start start_timestamp
    stddev_over_time stdvar_over_time step sum_over_time tan tanh time timestamp
    ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time vector year
"""


def test_every_function_of_prometheus_is_there() -> None:
    assert sorted(FUNCTIONS) == NAMES.split()
    assert sum(signature.experimental for signature in FUNCTIONS.values()) == 17


def test_signatures() -> None:
    assert FUNCTIONS["rate"] == Signature((MATRIX,))
    assert FUNCTIONS["first_over_time"] == Signature((MATRIX,))
    assert FUNCTIONS["time"] == Signature((), returns=SCALAR)
    assert FUNCTIONS["hour"] == Signature((VECTOR,), variadic=1)
    assert FUNCTIONS["label_join"] == Signature((VECTOR, STRING, STRING, STRING), variadic=-1)
    assert FUNCTIONS["min_of"] == Signature((SCALAR, SCALAR), returns=SCALAR, experimental=True)
