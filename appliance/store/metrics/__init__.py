"""Metrics: samples in memory (head), in the write-ahead inbox, and in sealed matrix blocks."""
