"""Binary operators and the sign, at all steps at once.

operators        `binary` and `negate`; scalars with scalars and with vectors
arithmetic       pairs of samples; histogram_pairs: those with native histograms
matching         vectors with vectors; conflicts: matches that are not allowed
result_labels    labels of the results
set_operators    and, or, unless
"""

from appliance.promql.binary.operators import binary, negate

__all__ = ["binary", "negate"]
