"""From a group's flush to the answers of all integrations of its receiver."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from appliance.base.errors import NotFound
from appliance.base.tasks import spawn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.base.clock import Clock
    from appliance.model.alert_event import AlertEvent, Recorder
    from appliance.notify.delivery.by_hand import ByHand, Trial
    from appliance.notify.delivery.stage import IntegrationStage
    from appliance.notify.integration import Exchange, Integration
    from appliance.notify.log import NotificationLog
    from appliance.notify.message import Flush, Message
    from appliance.notify.metrics import NotifyMetrics


class Pipeline:
    """Tells receivers; made anew with each configuration.

    Args:
        receivers: Their integrations by name.
        log: Lives longer than this.
        links: Addresses for people, by what they do, for a flush.
    """

    def __init__(
        self,
        receivers: Mapping[str, Sequence[Integration]],
        log: NotificationLog,
        *,
        recorder: Recorder,
        clock: Clock,
        metrics: NotifyMetrics,
        external_url: str,
        links: Callable[[Flush], Mapping[str, str]] | None = None,
    ) -> None:
        self._recorder = recorder
        self._clock = clock
        self._external_url = external_url
        self._stages: dict[str, list[IntegrationStage]] = {name: [] for name in receivers}
        if not any(receivers.values()):
            return  # nobody is told, as without a configuration: starts need not wait for more
        from appliance.notify.delivery.stage import (  # noqa: PLC0415 - as it says
            IntegrationStage,
            StageDeps,
        )

        deps = StageDeps(log, recorder, clock, metrics, external_url, links)
        for name, integrations in receivers.items():
            self._stages[name] = [IntegrationStage(name, one, deps) for one in integrations]

    @property
    def integrations(self) -> int:
        """How many integrations there are."""
        return sum(len(stages) for stages in self._stages.values())

    def integrations_of(self, receiver: str) -> list[Integration]:
        """The integrations of a receiver; none where there is no such receiver."""
        return [stage.integration for stage in self._stages.get(receiver, [])]

    async def notify(self, flush: Flush) -> bool:
        """Tell every integration of the receiver what is new to it, all at the same time.

        Returns:
            Whether all are up to date, so that resolved alerts may be forgotten.
        """
        stages = self._stages.get(flush.receiver, [])
        tasks = [spawn(stage.run(flush), name=f"notify {stage.name}") for stage in stages]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for stage, result in zip(stages, results, strict=True):
            if isinstance(result, Exception):
                stage.broke(flush, result)
        return all(result is True for result in results)

    async def send_test(self, receiver: str, message: Message | None = None) -> list[Trial]:
        """Send one marked notification through every integration of a receiver, once.

        Args:
            message: Instead of the usual one.

        Raises:
            NotFound: There is no such receiver.
        """
        if receiver not in self._stages:
            names = ", ".join(sorted(self._stages)) or "none"
            raise NotFound(f"no receiver {receiver!r}; receivers are {names}")
        integrations = self.integrations_of(receiver)
        return await self._by_hand.try_all(receiver, integrations, message)

    async def replay(self, event: AlertEvent) -> Exchange:
        """Send the request of an `attempt` event again, with today's secrets; it is recorded.

        Returns:
            What was sent and answered; its `error` or `status` tell how it went.

        Raises:
            BadInput: The event is not an attempt, or cannot be sent again.
            NotFound: The integration is not there any more.
        """
        return await self._by_hand.replay(event, self._integration_of)

    @cached_property
    def _by_hand(self) -> ByHand:
        from appliance.notify.delivery.by_hand import ByHand  # noqa: PLC0415 - seldom used

        return ByHand(self._recorder, self._clock, self._external_url)

    def _integration_of(self, event: AlertEvent) -> Integration:
        wanted = event.detail.get("integration"), event.detail.get("index")
        for stage in self._stages.get(event.receiver, []):
            if (stage.integration.kind, stage.integration.index) == wanted:
                return stage.integration
        name = f"{event.receiver}/{wanted[0]}[{wanted[1]}]"
        raise NotFound(f"the configuration has no integration {name!r} any more")
