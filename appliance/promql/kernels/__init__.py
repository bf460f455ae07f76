"""Kernels of functions over ranges: arrays of samples and window bounds in, arrays out.

No labels, no annotations, no histograms; `windows.Windows` says how samples and windows lie.
"""
