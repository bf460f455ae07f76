"""Functions over ranges of native histograms: window by window, one histogram at a time."""
