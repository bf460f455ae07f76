"""A trace as a file of one of the formats that `read.py` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from appliance.base.errors import BadInput
from appliance.wire.jaeger import page_json
from appliance.wire.otlp.print_json import print_traces
from appliance.wire.span_json import group_spans
from appliance.wire.tempo import trace_json
from appliance.wire.trace_files.zipkin import zipkin_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.trace import StoredSpan

FORMATS = ("jaeger", "otlp", "tempo", "zipkin")


def write_trace_file(spans: Sequence[StoredSpan], form: str) -> bytes:
    """A file with one trace.

    Args:
        form: One of `FORMATS`.

    Raises:
        BadInput: Not a format.
    """
    match form:
        case "jaeger":
            return page_json.encode([page_json.trace(group_spans(spans))])
        case "otlp":
            return orjson.dumps(print_traces(group_spans(spans)))
        case "tempo":
            return trace_json(spans)
        case "zipkin":
            return orjson.dumps(zipkin_spans(group_spans(spans)))
    raise BadInput(f"unknown format {form!r}; there are {', '.join(FORMATS)}")
