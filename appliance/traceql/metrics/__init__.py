"""Metrics of spans: `| rate()`, `| quantile_over_time(…)`, `| compare(…)` and what may follow."""
