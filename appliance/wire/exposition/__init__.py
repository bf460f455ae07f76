"""What a scrape brings: Prometheus text 0.0.4, OpenMetrics 1.0 text and delimited protobuf.

`line` is the grammar of one line, `document` reads a whole body, `scrape` reads the same target
again and again and remembers its lines (`layout`: bodies that differ in values alone), `families`
does so for protobuf, `derived` finds start times and histograms in the samples of a text.
Prometheus 3 is the model for what is accepted; UTF-8 names in quotes are.
"""

from __future__ import annotations

from appliance.wire.exposition.document import Document, parse
from appliance.wire.exposition.line import ExposedExemplar, Sample, is_openmetrics
from appliance.wire.exposition.result import ParseOptions, Scrape
from appliance.wire.exposition.scrape import ScrapeParser, is_protobuf

__all__ = [
    "Document",
    "ExposedExemplar",
    "ParseOptions",
    "Sample",
    "Scrape",
    "ScrapeParser",
    "is_openmetrics",
    "is_protobuf",
    "parse",
]
