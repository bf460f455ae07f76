"""Run the server: settings, event loop, signals, exit codes. `services.py` composes the parts."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.addresses import require_auth_beyond_loopback
from appliance.api.listeners import descriptions
from appliance.api.ports import PortBusy
from appliance.banner import banner, write_runtime_file
from appliance.base.clock import SystemClock
from appliance.base.errors import ApplianceError, Conflict
from appliance.base.tasks import offload, spawn
from appliance.base.telemetry import Telemetry, configure_logging
from appliance.config.problem import has_errors
from appliance.services import Services
from appliance.settings.root import load
from appliance.store.directory import DataDirectory
from appliance.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from appliance.base.clock import Clock
    from appliance.config.problem import Problem
    from appliance.settings.root import Settings

_log = logging.getLogger(__name__)
#: When engines are imported, and for which listener.
_LANGUAGES_AFTER_SECONDS = 0.5
_LANGUAGES = (("prometheus", "promql"), ("loki", "logql"))
#: Batches are thousands of objects that stay: looking for garbage among them every 700, and among
#: all every 70,000, took half of the time; looking at more at once would hold others up.
_GC_THRESHOLDS = (2_000, 5, 20)
#: How long the event loop waits for a thread that computes, each time.
_SWITCH_SECONDS = 0.001
EXIT_OK, EXIT_CONFIG, EXIT_PORT, EXIT_STORE = 0, 2, 3, 4


def run(flags: Mapping[str, str], *, opens_pages: bool = False) -> int:
    """Run the server until it is told to stop; the result is the exit code.

    Args:
        flags: Dotted setting → text, from the command line.
        opens_pages: Show the pages in the user's browser once they are served.
    """
    settings, problems = read_settings(flags)
    for problem in problems:
        print(problem.render(), file=sys.stderr)  # noqa: T201 - the command's output
    if has_errors(problems):
        return EXIT_CONFIG
    configure_logging(settings.log.level.value, style=settings.log.format.value)
    try:
        require_auth_beyond_loopback(settings)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(serve(settings, flags, opens_pages=opens_pages))
    except PortBusy as error:
        return _fail(error, EXIT_PORT)
    except Conflict as error:
        return _fail(error, EXIT_STORE)
    except ApplianceError as error:
        return _fail(error, EXIT_CONFIG)


def read_settings(flags: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """Settings from all layers, with all findings."""
    path = Path(flags["config"]) if "config" in flags else None
    given = {name: text for name, text in flags.items() if name != "config"}
    return load(path, flags=given, environ=os.environ)


async def serve(settings: Settings, flags: Mapping[str, str], *, opens_pages: bool = False) -> int:
    """Start everything, wait for a signal, stop everything.

    Raises:
        PortBusy, Conflict, BadInput: It could not start; nothing is left behind.
    """
    clock, telemetry = SystemClock(), Telemetry()
    began = clock.monotonic()
    directory = DataDirectory(None if settings.ephemeral else settings.data, clock)
    supervisor = Supervisor(clock, telemetry)
    services = Services(settings, directory, supervisor, clock, telemetry)
    services.reread = lambda: read_settings(flags)
    services.judge = _judge
    stopped = asyncio.Event()
    _handle_signals(stopped, services)
    try:
        services.listeners.open()
        await services.start()
        runtime = write_runtime_file(directory.path, services.listeners.urls())
        text = banner(
            services.listeners.urls(),
            descriptions(),
            directory.path.absolute(),
            ephemeral=directory.ephemeral,
            seconds=clock.monotonic() - began,
        )
        _show(text)
        _open_pages(services.listeners.urls().get("ui", "") if opens_pages else "")
        _settle()
        spawn(_load_languages(clock, services.listeners.urls()), name="load languages")
        await stopped.wait()
        runtime.unlink(missing_ok=True)
        _log.info("stopping")
    finally:
        await supervisor.stop()
        services.listeners.close()
        directory.close()
    return EXIT_OK


def _judge(files: Sequence[Path]) -> list[Problem]:
    """What is wrong with files of the configuration, as `appliance check` says it."""
    from appliance.check import check_all  # noqa: PLC0415 - only when a page asks

    return check_all(None, files) if files else []


async def _load_languages(clock: Clock, listeners: Collection[str]) -> None:
    """Import, in a thread, what the start did not wait for and the first query should not.

    Whoever waited for the start has requests now: they come first.
    """
    await clock.sleep(_LANGUAGES_AFTER_SECONDS)
    await offload(_import_languages, listeners)


def _import_languages(listeners: Collection[str]) -> None:
    """All in one thread: each would keep memory of its own."""
    for name, language in _LANGUAGES:
        if name in listeners:
            import_module(f"appliance.{language}.engine").load()
            import_module(f"appliance.api.{name}.query")


def _show(text: str) -> None:
    """Print for people; the server also runs where nobody reads it."""
    try:
        print(text, flush=True)  # noqa: T201 - the command's output
    except OSError as error:
        _log.warning("standard output cannot be written to: %s", error)
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process


def _settle() -> None:
    """Set how often threads change and garbage is looked for, once nothing starts any more."""
    gc.freeze()  # what is there now stays; later collections need not look at it
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.enable()


def _open_pages(url: str) -> None:
    """Ask the desktop for a browser, which may take its time or not be there."""
    import webbrowser  # noqa: PLC0415 - only when asked

    if url:
        spawn(offload(webbrowser.open, url), name="open the pages")


def _handle_signals(stopped: asyncio.Event, services: Services) -> None:
    """SIGINT and SIGTERM stop; a second one ends at once. SIGHUP reloads."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopped.is_set():
            os._exit(1)
        stopped.set()

    async def reload() -> None:
        with contextlib.suppress(ApplianceError):  # it has been logged
            await services.reload()

    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGHUP, lambda: spawn(reload(), name="reload"))


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Uvloop where it is installed: less CPU per request; nothing relies on it."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    loop: type[asyncio.AbstractEventLoop] = uvloop.Loop
    return loop


def _fail(error: ApplianceError, code: int) -> int:
    print(f"appliance: {error.message}", file=sys.stderr)  # noqa: T201 - the command's output
    return code
