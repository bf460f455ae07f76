"""A rule that always fires, through rules and Alertmanager, keeps the outgoing ping going."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from appliance.testing import Appliance

RULES = """\
groups:
- name: watchdog
  interval: 1s
  rules: [{alert: Watchdog, expr: vector(1)}]
"""
ONCALL = "heartbeats: {{outgoing: [{{url: 'http://127.0.0.1:{0}/ping', every: 1s}}]}}\n"


def test_a_rule_that_always_fires_keeps_the_ping_going(tmp_path: Path) -> None:
    pinged = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/ping":
                pinged.set()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as sink:
        threading.Thread(target=sink.serve_forever, args=(0.01,), daemon=True).start()
        (tmp_path / "oncall.yml").write_text(ONCALL.format(sink.server_port))
        (tmp_path / "rules.yml").write_text(RULES)
        args = ["--set", f"oncall={tmp_path / 'oncall.yml'}"]
        listeners = ["alertmanager", "prometheus"]
        with Appliance(tmp_path / "without", only=listeners, args=args):
            time.sleep(2.5)  # no rule, no ping: two of them would have been due
            assert not pinged.is_set()
        args += ["--set", f"prometheus.rules={tmp_path / 'rules.yml'}"]
        with Appliance(tmp_path / "with", only=listeners, args=args):
            assert pinged.wait(20)
        sink.shutdown()
