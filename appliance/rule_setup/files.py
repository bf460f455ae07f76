"""The rule files that the configuration names, and what is wrong with them."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.api.http import DEFAULT_TENANT
from appliance.base.errors import BadInput
from appliance.config.document import matching_files, read
from appliance.config.problem import Severity, has_errors, render_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.base.notifications import Notifications
    from appliance.base.telemetry import Telemetry
    from appliance.config.problem import Problem
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.rules.group_state import GroupState
    from appliance.settings.root import Settings

_log = logging.getLogger(__name__)
#: Bounds of a directory of runbooks.
MOST_RUNBOOKS, MOST_BYTES = 1000, 512 << 10


def metric_groups(
    config: PrometheusConfig, settings: Settings, folder: Path, *, pages: str = ""
) -> tuple[list[GroupState], list[Problem]]:
    """The groups of all rule files that prometheus.yml and the settings name, and all findings.

    Args:
        folder: For files of packs that are not as shipped.
        pages: Where this server's pages are, for links of packs; see `load_pack`.

    Raises:
        BadInput: There is no such pack, or it is broken.
    """
    base = settings.prometheus.config.parent if settings.prometheus.config else Path()
    named = [(base, pattern) for pattern in config.rule_files]
    named += [(Path(), pattern) for pattern in settings.prometheus.rules]
    files = [file for start, pattern in named for file in matching_files(pattern, start)]
    files += _pack_files(settings, folder, pages)
    if not files:
        return [], []
    from appliance.rules.load import load_groups  # noqa: PLC0415 - Go templates

    defaults = config.global_config
    return load_groups(
        dict.fromkeys(file for file in files if file.is_file()),
        interval_ms=int(defaults.evaluation_interval) or 60_000,
        offset_ms=int(defaults.rule_query_offset),
        features=settings.prometheus.feature_names(),
        variables=settings.variables,
    )


def _pack_files(settings: Settings, folder: Path, pages: str) -> list[Path]:
    """Rule files of the packs that the settings name."""
    if not settings.packs:
        return []
    from appliance.packs.load import load_packs  # noqa: PLC0415 - only where packs are named

    base = settings.file.parent if settings.file else Path()
    packs = load_packs(settings.packs, settings.variables, directory=base, pages=pages)
    return [file for pack in packs for file in pack.rule_files(folder)]


def runbooks(settings: Settings, pages: str = "") -> dict[str, str]:
    """Markdown of the runbooks of the settings' directory and of all packs that they name.

    The first of a name counts. At most `MOST_RUNBOOKS` files of `MOST_BYTES` each are read.

    Raises:
        BadInput: There is no such pack, or it is broken.
    """
    own = _own_runbooks(settings.runbooks)
    if not settings.packs:
        return own
    from appliance.packs.load import load_packs  # noqa: PLC0415 - only where packs are named

    base = settings.file.parent if settings.file else Path()
    found: dict[str, str] = own
    for pack in load_packs(settings.packs, settings.variables, directory=base, pages=pages):
        found = {name: pack.runbook(name) for name in pack.runbooks} | found
    return found


def _own_runbooks(folder: Path | None) -> dict[str, str]:
    """Markdown by name; what cannot be read is left out, `appliance check` names it."""
    found: dict[str, str] = {}
    if folder is None or not folder.is_dir():
        return found
    for path in sorted(folder.rglob("*.md"))[:MOST_RUNBOOKS]:
        with contextlib.suppress(OSError):
            if path.stat().st_size <= MOST_BYTES:
                found.setdefault(path.stem, path.read_text(encoding="utf-8", errors="replace"))
    return found


def trace_groups(settings: Settings) -> tuple[list[GroupState], list[Problem]]:
    """The groups of the files that `trace_rules` names, and all findings."""
    files = _files(settings.trace_rules)
    if not files:
        return [], []
    from appliance.rules.trace_load import load_trace_groups  # noqa: PLC0415 - Go templates

    return load_trace_groups(files, variables=settings.variables)


def log_groups(settings: Settings) -> tuple[dict[str, list[GroupState]], list[Problem]]:
    """Groups of the files that `loki_rules` names, by file, and all findings."""
    found: dict[str, list[GroupState]] = {}
    problems: list[Problem] = []
    for file in _files(settings.loki_rules):
        from appliance.rules.log_load import load_log_groups  # noqa: PLC0415 - Go templates

        data, unreadable = read(file)
        groups, wrong = load_log_groups(
            data, file=str(file), tenant=DEFAULT_TENANT, variables=settings.variables
        )
        found[str(file)] = groups
        problems += unreadable or wrong
    return found, problems


def _files(patterns: Sequence[str]) -> list[Path]:
    files = [file for pattern in patterns for file in matching_files(pattern, Path())]
    return list(dict.fromkeys(files))


def refuse_errors(problems: Sequence[Problem]) -> None:
    """Use rule files as a whole or not at all, as a reload does.

    Raises:
        BadInput: There are errors; the text has all of them.
    """
    if has_errors(problems):
        raise BadInput(render_errors(problems))


class RuleFaults:
    """Shows what is wrong with the rules in use: in the log, as notifications, as a metric.

    A start uses what is good; a reload uses all or nothing.
    """

    def __init__(self, notifications: Notifications, telemetry: Telemetry) -> None:
        self._notifications = notifications
        self._shown: dict[str, list[str]] = {}
        self._errors = telemetry.gauge(
            "appliance_rules_errors", "Errors in the rule files in use.", ("signal",)
        )

    def show(self, signal: str, problems: Iterable[Problem]) -> None:
        """Tell the errors of a signal's rule files, in place of those told before."""
        found = [problem for problem in problems if problem.severity is Severity.ERROR]
        for text in self._shown.pop(signal, ()):
            self._notifications.set(text, active=False)
        self._errors.labels(signal).set(len(found))
        for problem in found:
            _log.error("a rule is not evaluated: %s", problem.render())
            text = f"A rule is not evaluated: {problem.render()}"
            self._notifications.set(text, active=True)
            self._shown.setdefault(signal, []).append(text)
