"""Benchmarks: they print figures and judge nothing. Compare runs of one machine only; CPU time counts."""
