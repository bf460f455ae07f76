"""Benchmarks: they print figures and judge nothing. CPU time counts; compare within one run."""
