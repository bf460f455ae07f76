"""What a start waits for: nothing that no file asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.testing import Appliance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Without files nobody needs these before the first query, alert or notification.
NOT_NEEDED = (
    "aiosmtplib",
    "appliance.backtest",
    "appliance.gotemplate",
    "appliance.logql.ast",
    "appliance.notify.aws",
    "appliance.notify.chats",
    "appliance.notify.delivery",
    "appliance.notify.email",
    "appliance.notify.integration",
    "appliance.notify.pagers",
    "appliance.notify.resolve",
    "appliance.notify.template",
    "appliance.notify.tickets",
    "appliance.notify.webhook",
    "appliance.oncall.ical",
    "appliance.packs",
    "appliance.promql.ast",
    "appliance.promql.engine",
    "appliance.rules.load",
    "appliance.rules.saved_state",
    "appliance.rules.templates",
    "appliance.traceql",
    "jinja2",
    "rich",
)


def imported(server: Appliance) -> set[str]:
    """Modules that a server has imported so far, from what the interpreter tells of imports."""
    lines = server.log.read_text().splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


def of(modules: set[str], packages: Sequence[str]) -> list[str]:
    """Those that are packages or modules of a list, or within one."""
    return sorted(
        name for name in modules if any(f"{name}.".startswith(f"{one}.") for one in packages)
    )


def test_a_start_without_files_imports_nothing_that_only_files_need() -> None:
    with Appliance(env={"PYTHONPROFILEIMPORTTIME": "1"}) as server:
        modules = imported(server)
    assert "appliance.alertmanager.service" in modules
    assert of(modules, NOT_NEEDED) == []


def test_only_the_integrations_of_the_file_are_imported(tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text(
        "route: {receiver: hook}\n"
        "receivers: [{name: hook, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}]\n"
    )
    with Appliance(
        args=["--alertmanager-config", str(tmp_path / "alertmanager.yml")],
        only=["alertmanager"],
        env={"PYTHONPROFILEIMPORTTIME": "1"},
    ) as server:
        modules = imported(server)
    others = ("appliance.notify.pagers", "appliance.notify.chats", "appliance.notify.mail.smtp")
    assert "appliance.notify.http_integration" in modules
    assert of(modules, others) == []
