"""Functions over ranges of native histograms.

Windows with histograms of one layout are computed many at once (`batching`, `batched_rate`,
`batched_sums`); all others window by window, one histogram at a time, which is also what defines
the results (`rate`, `sums`, `extended`).
"""
