"""What a scrape brings: Prometheus text 0.0.4 and OpenMetrics 1.0 text.

`line` is the grammar of one line, `document` reads a whole body, `scrape` reads the same target
again and again and remembers its lines. Prometheus 3 is the model for what is accepted; UTF-8
names in quotes are, exemplars are read over.
"""

from __future__ import annotations

from appliance.wire.exposition.document import Document, parse
from appliance.wire.exposition.line import Sample, is_openmetrics
from appliance.wire.exposition.scrape import Scrape, ScrapeParser

__all__ = ["Document", "Sample", "Scrape", "ScrapeParser", "is_openmetrics", "parse"]
