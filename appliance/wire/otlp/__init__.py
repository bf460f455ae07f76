"""OTLP 1.x (opentelemetry-proto, collector/*/v1): requests to model values, and the answers.

Decoders take protobuf bodies; `json` turns an OTLP/JSON body into one first, so that both encodings
meet the same rules. What a request holds that cannot be kept is refused item by item (`Reject`);
only a body that cannot be read at all is an error.
"""
