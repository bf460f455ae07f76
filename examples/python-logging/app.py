"""A program that logs with the standard library: JSON lines into a file, and over OTLP.

export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
pip install python-json-logger opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
python app.py shop.log

`promtail-config.yml` beside it tails the file. Both ways lead to the same fields:
{service_name="shop"} | action="ITEM_PUBLISHED" | duration_ms > 20
"""

from __future__ import annotations

import logging
import sys

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from pythonjsonlogger.json import JsonFormatter

to_file = logging.FileHandler(sys.argv[1])
to_file.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))

provider = LoggerProvider(Resource.create({"service.name": "shop", "via": "otlp"}))
provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
to_server = LoggingHandler(logger_provider=provider)

log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.addHandler(to_file)
log.addHandler(to_server)

log.info("http_request_completed", extra={"path": "/cart", "method": "GET", "status_code": 200})
log.info("action_completed", extra={"action": "ITEM_PUBLISHED", "item_id": 7, "duration_ms": 31})
log.error("payment failed", extra={"action": "PAY", "duration_ms": 1200})
provider.shutdown()
