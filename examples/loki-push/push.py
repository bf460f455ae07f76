"""Push one log line to Loki's API: `python push.py [BASE_URL] [TEXT]`."""

from __future__ import annotations

import json
import sys
import time
import urllib.request

base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:3100"
text = sys.argv[2] if len(sys.argv) > 2 else "hello from the example"
stream = {"stream": {"app": "example"}, "values": [[str(time.time_ns()), text]]}
request = urllib.request.Request(
    f"{base}/loki/api/v1/push",
    json.dumps({"streams": [stream]}).encode(),
    {"Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    print(answer.status)
