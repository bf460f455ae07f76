"""The configuration in use and on the disk: `ui.system.config.Configuration`.

Invariant: files are judged by one thread at a time, and not again within `_JUDGED_SECONDS` unless
one of those that the settings name has changed: they may name thousands of dashboards.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from appliance.config.effective import shown_value
from appliance.config.masked import flat_settings
from appliance.config.masked_text import masked_text
from appliance.config.problem import has_errors
from appliance.settings.root import Settings
from appliance.ui.system.config import ConfigFile, ConfigLook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.config.problem import Problem
    from appliance.system_facts.reloads import Reloads

_JUDGED_SECONDS = 30.0
#: Larger files are not shown.
_MOST_BYTES = 1 << 20
#: Keys of alertmanager.yml whose values are secret: addresses of webhooks.
_WEBHOOKS = frozenset(["url", "webhook_url", "api_url"])


class ConfigFacts:
    """See the module's docstring.

    Args:
        settings: In use.
        at_start: The first ones.
        reread: Reads them anew, without using them.
        judge: Finds what is wrong with files, and with all that they name.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        reread: Callable[[], tuple[Settings, list[Problem]]],
        judge: Callable[[Sequence[Path]], list[Problem]],
        *,
        at_start: Settings,
        reloads: Reloads,
        started_ms: int,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._judging = threading.Lock()
        self._judged: tuple[float, object, list[Problem]] | None = None
        self._settings = settings
        self._reread = reread
        self._judge = judge
        self._reloads = reloads
        self._started_ms = started_ms
        self._defaults = shown_values(Settings())
        self._at_start = shown_values(at_start)

    def look(self) -> ConfigLook:
        """Read everything."""
        settings = self._settings()
        again, problems = self._reread()
        is_usable = not has_errors(problems)
        named = dict(_named(again if is_usable else settings))
        found = [*problems, *self._findings([path for _, path in named.values()])]
        return ConfigLook(
            file="" if settings.file is None else str(settings.file),
            values=shown_values(settings),
            origins=settings.origins,
            defaults=self._defaults,
            at_start=self._at_start,
            on_disk=shown_values(again) if is_usable else None,
            problems=list(dict.fromkeys(found)),
            files=[_file(kind, path) for kind, path in named.values()],
            started_ms=self._started_ms,
            reloaded_ms=self._reloads.at_ms,
            reload_error=self._reloads.error,
        )

    def _findings(self, paths: Sequence[Path]) -> list[Problem]:
        """What is wrong with files, as it was found a moment ago."""
        with self._judging:
            now, state = self._clock.monotonic(), [(path, _changed_ns(path)) for path in paths]
            kept = self._judged
            if kept is None or kept[1] != state or now - kept[0] >= _JUDGED_SECONDS:
                found = self._judge(paths)
                kept = self._judged = (self._clock.monotonic(), state, found)
            return kept[2]


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def shown_values(settings: Settings) -> dict[str, str]:
    """Settings as text by dotted name; no secrets."""
    return flat_settings(settings, shown_value)


def _named(settings: Settings) -> Iterator[tuple[str, tuple[str, Path]]]:
    """The files that settings name, each once, by their paths."""
    for kind, path in (
        ("Appliance", settings.file),
        ("Prometheus", settings.prometheus.config),
        ("Alertmanager", settings.alertmanager.config),
        ("promtail", settings.promtail.config),
        ("Loki", settings.loki.config),
        ("On-call", settings.oncall),
    ):
        if path is not None:
            yield str(path), (kind, path)


def _file(kind: str, path: Path) -> ConfigFile:
    try:
        state = path.stat()
        if state.st_size > _MOST_BYTES:
            return ConfigFile(kind, str(path), "", f"larger than {_MOST_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return ConfigFile(kind, str(path), "", f"cannot be read: {error.strerror or error}")
    keys = _WEBHOOKS if kind == "Alertmanager" else frozenset[str]()
    shown = masked_text(text, secret_keys=keys)
    wrong = "" if shown or not text.strip() else "this is not one YAML document"
    return ConfigFile(kind, str(path), shown, wrong, state.st_mtime_ns // 1_000_000)
