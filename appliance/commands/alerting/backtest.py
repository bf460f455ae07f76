"""What `appliance alerts backtest` asks and prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.table import local, pairs, print_table, span
from appliance.commands.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The server gives up before that.
SECONDS = 600.0
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_SHORT = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")
_FILES = (".yml", ".yaml", ".rules")


def question(rules: Sequence[str], options: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the request that arguments and options ask for.

    Raises:
        click.ClickException: A file cannot be read, or a time is none.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run

    now_ns = SystemClock().now_ns()
    asked: dict[str, Any] = {
        "alerts": [],
        "files": [],
        "exprs": [],
        "from": _time(options["start"], now_ns),
        "to": _time(options["end"], now_ns),
        "episodes": options["episodes"],
        "routing": not options["no_routing"],
    }
    for rule in rules:
        key, value = _rule(rule, options)
        asked[key].append(value)
    return asked


def _rule(text: str, options: Mapping[str, Any]) -> tuple[str, Any]:
    """Where a rule belongs in the request: the name of an alert, a file or an expression."""
    path, _, alert = text.rpartition(":")
    for name, wanted in ((text, ""), (path, alert)):
        if name and (Path(name).is_file() or name.endswith(_FILES)):
            content = _read(name)
            language = options["language"]
            file = {"name": name, "text": content, "alert": wanted, "language": language}
            return "files", file
    is_expr = any(options[name] for name in ("hold", "keep", "interval", "labels"))
    if _NAME.fullmatch(text) and not is_expr:
        return "alerts", text
    return "exprs", _expr(text, options)


def _expr(text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from appliance.commands.alerting.labels import read_labels  # noqa: PLC0415 - re2

    labels = read_labels(options["labels"])
    found = {
        "expr": text,
        "language": options["language"],
        "alert": labels.pop("alertname", "Backtest"),
        "labels": labels,
    }
    given = {"for": "hold", "keep_firing_for": "keep", "interval": "interval"}
    return found | {key: options[name] for key, name in given.items() if options[name]}


def _read(name: str) -> str:
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(f"{name} cannot be read: {reason.lower()}") from error


def _time(text: str, now_ns: int) -> str:
    from appliance.commands.alerting.table import at  # noqa: PLC0415 - as above
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415

    return at(parse_when_ns(f"now-{text}" if _SHORT.fullmatch(text) else text, now_ns))


# -- the answer


def print_report(found: Mapping[str, Any]) -> None:
    """What rules would have done, as tables."""
    click.echo(f"from {local(found['from'])} to {local(found['to'])}")
    for rule in found["rules"]:
        click.echo()
        _print_rule(rule)
    told = found["notifications"]
    if told is not None:
        click.echo()
        _print_notifications(told)


def _print_rule(rule: Mapping[str, Any]) -> None:
    place = f"  {rule['file']}:{rule['line']}" if rule["file"] else ""
    click.echo(click.style(visible(rule["alert"]), bold=True) + visible(place))
    click.echo(visible(f"  {' '.join(rule['expr'].split())}"))
    times = f"for {span(rule['for_seconds'])}, evaluated every {span(rule['interval_seconds'])}"
    click.echo(f"  {times}: {rule['evaluations']} times")
    if rule["failed"] == rule["evaluations"]:
        click.echo(visible(f"  cannot be evaluated: {rule['error']}"))
        return
    if rule["failed"]:
        click.echo(visible(f"  {rule['failed']} evaluations failed: {rule['error']}"))
    click.echo(f"  {_totals(rule)}")
    if rule["pending_only"]:
        longest = span(rule["longest_pending_seconds"])
        often = f"{rule['pending_only']} times for less than that, the longest {longest}"
        click.echo(f"  its condition held {often}")
    rows = [_episode(one) for one in rule["episodes"]]
    if rows:
        click.echo()
        print_table(("FIRED", "ENDED", "LASTED", "MAX", "TOLD", "LABELS"), rows)
    left = rule["fired"] - len(rows)
    if left > 0:
        click.echo(f"… and {left} more (--episodes)")


def _totals(rule: Mapping[str, Any]) -> str:
    if not rule["fired"]:
        return "would not have fired"
    times = f"{rule['fired']} time{'s' if rule['fired'] != 1 else ''}"
    share = f"{rule['any_firing_ratio']:.2%} of the time"
    flaps = f", {rule['flaps']} of them within 30m of the one before" if rule["flaps"] else ""
    total = span(rule["any_firing_seconds"])
    alerts = f"{rule['alerts']} alert{'s' if rule['alerts'] != 1 else ''}"
    return f"would have fired {times}{flaps}, {alerts}, {total} in all ({share})"


def _episode(one: Mapping[str, Any]) -> list[str]:
    told = [f"{who['receiver']}/{who['integration']}" for who in one["told"]]
    return [
        local(one["fired_at"]),
        local(one["ended_at"]) if one["ended_at"] else "still fires",
        span(one["seconds"]),
        one["max_value"],
        ",".join(dict.fromkeys(told)) or "nobody",
        pairs(one["labels"], "alertname"),
    ]


def _print_notifications(told: Mapping[str, Any]) -> None:
    notifications = "notification" if told["total"] == 1 else "notifications"
    click.echo(f"{told['total']} {notifications} would have been sent")
    if not told["is_complete"]:
        click.echo(f"that is up to {local(told['until'])}: there was too much to go through")
    rows = [
        [
            f"{one['receiver']}/{one['integration']}[{one['index']}]"
            if one["integration"]
            else f"{one['receiver']} (has no integrations)",
            str(one["notifications"]),
            str(one["groups"]),
            local(one["first"]),
            local(one["last"]),
        ]
        for one in told["receivers"]
    ]
    if rows:
        click.echo()
        print_table(("RECEIVER", "TIMES", "GROUPS", "FIRST", "LAST"), rows)
