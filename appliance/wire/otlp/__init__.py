"""OTLP 1.x (opentelemetry-proto, collector/*/v1): requests to model values, and the answers.

Decoders take protobuf bodies; `json` turns an OTLP/JSON body into one first, so that both encodings
meet the same rules. What a request holds that cannot be kept is refused item by item (`Reject`);
only a body that cannot be read at all is an error.
"""

from __future__ import annotations

from appliance.wire.otlp.json import logs_from_json, metrics_from_json, traces_from_json
from appliance.wire.otlp.logs import decode_logs
from appliance.wire.otlp.metrics import decode_metrics
from appliance.wire.otlp.response import Signal, encode_response, encode_status
from appliance.wire.otlp.traces import decode_traces

__all__ = [
    "Signal",
    "decode_logs",
    "decode_metrics",
    "decode_traces",
    "encode_response",
    "encode_status",
    "logs_from_json",
    "metrics_from_json",
    "traces_from_json",
]
