"""Receivers made ready to send: the right classes, numbers, clients, and nothing loaded in vain."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from appliance.base.clock import ManualClock
from appliance.model.alert_event import EventKind
from appliance.notify.build import build, open_session
from appliance.notify.delivery.by_hand import Resender
from appliance.notify.global_config import GlobalConfig
from appliance.notify.integration import Delivery, Integration
from appliance.notify.kinds import KINDS
from appliance.notify.metrics import NotifyMetrics
from appliance.notify.receiver import Receiver
from appliance.notify.resolve import resolved_receiver
from appliance.notify.template.templates import NotificationTemplates
from tests.notify.delivery.doubles import Bench, firing
from tests.notify.receiving import NOW_MS, a_message, receiving, section_of

ALL = """
name: everything
webhook_configs: [{url: 'http://a'}, {url: 'http://b', send_resolved: false}]
email_configs: [{to: a@b.c, from: d@e.f, smarthost: 'h:25'}]
pagerduty_configs: [{routing_key: k}]
opsgenie_configs: [{api_key: k}]
wechat_configs: [{api_secret: s, corp_id: c}]
slack_configs: [{api_url: 'http://s'}]
victorops_configs: [{api_key: k, routing_key: r}]
pushover_configs: [{user_key: u, token: t}]
sns_configs: [{sigv4: {region: eu-west-1}, topic_arn: 'arn:aws:sns:eu-west-1:1:t'}]
telegram_configs: [{bot_token: t, chat_id: 1}]
discord_configs: [{webhook_url: 'http://d'}]
webex_configs: [{room_id: r, http_config: {authorization: {credentials: c}}}]
msteams_configs: [{webhook_url: 'http://m'}]
msteamsv2_configs: [{webhook_url: 'http://m'}]
jira_configs: [{api_url: 'http://j', project: p, issue_type: Bug}]
rocketchat_configs: [{token: t, token_id: i}]
mattermost_configs: [{webhook_url: 'http://m'}]
incidentio_configs: [{url: 'http://i', alert_source_token: t}]
"""


async def built(text: str, directory: Path = Path()) -> list[Integration]:
    receiver = resolved_receiver(section_of(Receiver, text), GlobalConfig())
    return build(
        receiver,
        session=aiohttp.ClientSession,
        templates=NotificationTemplates(),
        clock=ManualClock(NOW_MS),
        directory=directory,
    )


async def test_every_integration_can_be_built() -> None:
    found = await built(ALL)
    assert [(one.kind, one.index) for one in found] == [
        *(("webhook", 0), ("webhook", 1)),
        *((kind, 0) for kind in KINDS if kind != "webhook"),
    ]
    assert [one.send_resolved for one in found[:2]] == [True, False]
    assert all(isinstance(one, Resender) for one in found)


def test_every_section_of_receivers_has_an_integration() -> None:
    keys = {field.name for field in dataclasses.fields(Receiver)} - {"name", "labels"}
    assert {kind.key for kind in KINDS.values()} == keys


def test_every_integration_has_its_metrics_from_the_start() -> None:
    bench = Bench()
    NotifyMetrics(bench.telemetry)
    value = bench.telemetry.registry.get_sample_value
    for kind in KINDS:
        assert value("alertmanager_notifications_total", {"integration": kind}) == 0
        reasons = {"integration": kind, "reason": "rateLimited"}
        assert value("alertmanager_notifications_failed_total", reasons) == 0


async def test_receivers_that_hang_leave_connections_for_others() -> None:
    held: list[asyncio.StreamWriter] = []
    many = asyncio.Event()

    def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        if len(held) == 100:
            many.set()

    silent = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with receiving() as server, open_session() as session:
        slow = "".join(f"- {{url: 'http://127.0.0.1:{port}/{i}'}}\n" for i in range(120))
        text = f"name: r\nwebhook_configs:\n{slow}- {{url: '{server.address}'}}\n"
        *hanging, good = build(
            section_of(Receiver, text),
            session=lambda: session,
            templates=NotificationTemplates(),
            clock=ManualClock(NOW_MS),
            directory=Path(),
        )
        tasks = [asyncio.ensure_future(one.send(a_message(), Delivery())) for one in hanging]
        await many.wait()
        await good.send(a_message(), Delivery(timeout_seconds=1))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len(server.requests) == 1
    silent.close()
    for writer in held:
        writer.close()


async def test_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "tok").write_text("file-token\n")
    async with receiving() as server, aiohttp.ClientSession() as session:
        text = f"""
name: r
webhook_configs:
- url: {server.address}
  http_config: {{authorization: {{credentials_file: tok}}}}
"""
        [webhook] = build(
            section_of(Receiver, text),
            session=lambda: session,
            templates=NotificationTemplates(),
            clock=ManualClock(NOW_MS),
            directory=tmp_path,
        )
        await webhook.send(a_message(), Delivery())
    assert server.requests[0].headers["Authorization"] == "Bearer file-token"


def test_what_is_not_needed_is_not_loaded() -> None:
    code = (
        "import sys\n"
        "import appliance.notify.receiver, appliance.notify.build, appliance.notify.pipeline\n"
        "slow = {'aiohttp', 'aiosmtplib', 'jinja2', 'prometheus_client', 'email.message'}\n"
        "print(sorted(slow & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_secrets_are_neither_in_the_record_nor_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = (
        "hook-4711",
        "bearer-4711",
        "key-4711",
        "file-4711",
        "basic-4711",
        "dTpiYXNpYy00NzEx",
    )
    (tmp_path / "key").write_text("file-4711")
    async with receiving() as server, open_session() as session:
        server.usual = lambda came: (400, f"{came.path} {came.headers} {came.body.decode()}")
        text = f"""
name: team-x
webhook_configs:
- url: {server.address}/hook-4711
  http_config: {{authorization: {{credentials: bearer-4711}}}}
- {{url: 'http://127.0.0.1:1/hook-4711'}}
slack_configs: [{{api_url: '{server.address}/hook-4711'}}]
pagerduty_configs:
- {{url: '{server.address}', routing_key: key-4711}}
- url: {server.address}
  routing_key_file: key
  http_config: {{basic_auth: {{username: u, password: basic-4711}}}}
"""
        integrations = build(
            section_of(Receiver, text),
            session=lambda: session,
            templates=NotificationTemplates(),
            clock=ManualClock(NOW_MS),
            directory=tmp_path,
        )
        bench = Bench(*integrations)
        # Less time than the least wait: no attempt follows.
        await bench.pipeline.notify(bench.flush(firing("1"), timeout=0.2))
        await bench.pipeline.send_test("team-x")
    assert len(server.requests) == 8
    assert len(bench.recorded.of(EventKind.FAILED)) == 10
    shown = repr(bench.recorded.events) + caplog.text
    assert [secret for secret in secrets if secret in shown] == []
