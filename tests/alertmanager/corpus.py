"""Reads `corpus.txt`: Alertmanager files and whether amtool takes them.

A section names where its lines belong; `+global` means that `global` gives what it can. A line is
a verdict and YAML (JSON text for whole files, a matcher's text for matchers):

- `good`, `bad`: as amtool 0.33 says.
- `newer`: good, but amtool 0.33 does not know it yet.
- `refused`: amtool takes it, though it cannot work or is not what was meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_GLOBAL = (
    "global: {smtp_smarthost: 'localhost:25', smtp_from: a@b, slack_api_url: http://s/x,"
    " opsgenie_api_key: k, victorops_api_key: v, wechat_api_secret: s, wechat_api_corp_id: c,"
    " jira_api_url: http://j/, telegram_bot_token: t, rocketchat_token: t, rocketchat_token_id: i,"
    " mattermost_webhook_url: http://m/x}\n"
)
_WHOLE = "route: {receiver: r}\nreceivers: [{name: r}]\n"
_ROUTE = (
    "route: %s\nreceivers: [{name: r}, {name: s}]\n"
    "time_intervals: [{name: i, time_intervals: [{years: ['2020']}]}]\n"
)


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        line: Of `corpus.txt`.
    """

    line: int
    area: str
    verdict: str
    text: str


def cases() -> Iterator[Case]:
    area = ""
    lines = Path(__file__).with_name("corpus.txt").read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("["):
            area = line.strip("[]")
        elif line:
            verdict, _, body = line.partition(" ")
            yield Case(number, area, verdict, _file(area, body.strip()))


def _file(area: str, body: str) -> str:
    if area == "file":
        return str(json.loads(body))
    if area == "matcher":
        quoted = body.replace("'", "''")
        body, area = f"{{receiver: r, matchers: ['{quoted}']}}", "child route"
    if area == "child route":
        body, area = f"{{receiver: r, routes: [{body}]}}", "route"
    if area == "route":
        return _ROUTE % body
    if area == "http_config":
        body, area = f"{{url: http://w, http_config: {body}}}", "webhook"
    wrapped = {
        "global": f"global: {body}\n{_WHOLE}",
        "time interval": f"{_WHOLE}time_intervals: [{{name: i, time_intervals: [{body}]}}]\n",
        "inhibit rule": f"{_WHOLE}inhibit_rules: [{body}]\n",
    }
    kind, _, shared = area.partition("+")
    receiver = f"route: {{receiver: r}}\nreceivers: [{{name: r, {kind}_configs: [{body}]}}]\n"
    return wrapped.get(area) or (_GLOBAL if shared else "") + receiver
