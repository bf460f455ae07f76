"""Components: start order, readiness, crash policy, reload, drain.

Invariants:
- Components start in the order they were added, each after the one before is ready, and stop in
  reverse; `stop` is called on every component that was started.
- A component whose `run` fails is restarted with back-off (1 s doubling to 30 s); until then the
  server stays up and `/-/ready` names it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from appliance.base.tasks import spawn

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry

_log = logging.getLogger(__name__)
_FIRST_BACKOFF_SECONDS = 1.0
_LAST_BACKOFF_SECONDS = 30.0


class Component(Protocol):
    """A long-running part."""

    name: str

    async def start(self) -> None:
        """Become ready; raise to stop the whole start."""
        ...

    async def run(self) -> None:
        """Work until cancelled. Returning means there is nothing (more) to do."""
        ...

    async def stop(self) -> None:
        """Finish what was accepted, then release everything."""
        ...


@dataclass(slots=True)
class ComponentState:
    """What is known of one component.

    Attributes:
        status: starting, running, done, failed (waiting for its restart) or stopped.
        error: The last failure's text.
    """

    component: Component
    status: str = "starting"
    error: str = ""
    restarts: int = 0
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Supervisor:
    """Runs components; see the module's docstring."""

    def __init__(self, clock: Clock, telemetry: Telemetry) -> None:
        self._clock = clock
        self._states: list[ComponentState] = []
        self._started = False
        self._stopping = False
        self._restarts = telemetry.counter(
            "appliance_supervisor_restarts_total", "Restarts of failed components.", ("component",)
        )
        self._up = telemetry.gauge(
            "appliance_supervisor_component_up", "1 while a component works.", ("component",)
        )

    async def start(self, *components: Component) -> None:
        """Start components one after the other; they are kept running from then on.

        Raises:
            Exception: What the failing component's `start` raised; those before it keep running
                until `stop`.
        """
        for component in components:
            state = ComponentState(component)
            self._states.append(state)
            await component.start()
            state.status = "running"
            self._up.labels(component.name).set(1)
            state.task = spawn(self._keep_running(state), name=component.name)

    def set_started(self) -> None:
        """Say that everything is there: `is_ready` may be true from now on."""
        self._started = True

    @property
    def has_started(self) -> bool:
        """Whether everything is there, be it working or not."""
        return self._started

    def is_ready(self) -> bool:
        """Whether every component works."""
        return self._started and not self._stopping and not self.problems()

    def problems(self) -> list[str]:
        """One line for each component that does not work."""
        return [
            f"{state.component.name}: {state.status} {state.error}".rstrip()
            for state in self._states
            if state.status in {"starting", "failed"}
        ]

    async def stop(self, *, grace_seconds: float = 20.0) -> None:
        """Stop all components in reverse order; one that takes too long is left behind."""
        self._stopping = True
        for state in reversed(self._states):
            if state.task is not None:
                state.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await state.task
            await self._stop_one(state, grace_seconds)
            self._up.labels(state.component.name).set(0)

    async def _stop_one(self, state: ComponentState, grace_seconds: float) -> None:
        try:
            await asyncio.wait_for(state.component.stop(), grace_seconds)
        except TimeoutError:
            _log.error("%s did not stop within %s s", state.component.name, grace_seconds)
        except Exception:  # noqa: BLE001 - the others must still be stopped
            _log.exception("%s failed while stopping", state.component.name)
        state.status = "stopped"

    async def _keep_running(self, state: ComponentState) -> None:
        backoff = _FIRST_BACKOFF_SECONDS
        name = state.component.name
        while True:
            state.status = "running"
            self._up.labels(name).set(1)
            began = self._clock.monotonic()
            try:
                await state.component.run()
            except Exception as error:  # noqa: BLE001 - the crash policy
                state.status, state.error = "failed", f"{type(error).__name__}: {error}"
                _log.exception("%s failed; restart in %s s", name, backoff)
            else:
                state.status = "done"
                return
            self._up.labels(name).set(0)
            self._restarts.labels(name).inc()
            state.restarts += 1
            if self._clock.monotonic() - began > 2 * _LAST_BACKOFF_SECONDS:
                backoff = _FIRST_BACKOFF_SECONDS
            await self._clock.sleep(backoff)
            backoff = min(2 * backoff, _LAST_BACKOFF_SECONDS)
