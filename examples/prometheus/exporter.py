"""An exporter: `python exporter.py [PORT]`, then `appliance up --prometheus-config prometheus.yml`."""

from __future__ import annotations

import random
import sys
import time

from prometheus_client import Counter, Gauge, start_http_server

requests = Counter("example_requests", "Requests served.", ["code"])
temperature = Gauge("example_temperature_celsius", "Temperature.")

start_http_server(int(sys.argv[1]) if len(sys.argv) > 1 else 8000, "127.0.0.1")
while True:
    requests.labels("200").inc(random.randint(1, 5))
    temperature.set(20 + random.random())
    time.sleep(1)
