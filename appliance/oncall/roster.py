"""What `oncall.yml` comes to: which policy is for an alert, and who a step pages at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from appliance.model.matcher import matches_all
from appliance.oncall.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.notify.receiver import Receiver
    from appliance.oncall.config import OncallConfig, Policy, Step, User
    from appliance.oncall.schedule import Span

#: Receivers made of users' own addresses are called so.
PREFIX = "oncall/"


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to page.

    Attributes:
        receiver: A receiver's name.
        user: Empty for a receiver that is paged as such.
    """

    receiver: str
    user: str


class Roster:
    """Made anew with each configuration.

    Args:
        overrides: Of a rota, those that were entered while the server runs.
        calendar: Of a rota, what its calendar has.
    """

    def __init__(
        self,
        config: OncallConfig,
        *,
        overrides: Callable[[str], Sequence[Span]],
        calendar: Callable[[str], Sequence[Span]],
    ) -> None:
        self.config = config
        self.policies = config.held_policies
        self._matchers = {name: _matchers(policy) for name, policy in self.policies.items()}
        self.schedules: Mapping[str, Schedule] = {
            name: Schedule(
                name, rota, overrides=partial(overrides, name), calendar=partial(calendar, name)
            )
            for name, rota in config.rotas.items()
        }
        self.receivers = frozenset(
            [target for name in config.users for target in self._receivers_of(name)]
        )

    def policy_of(self, labels: Labels) -> str | None:
        """The name of the first policy that matches an alert; None: it pages nobody."""
        for name, matchers in self._matchers.items():
            if matches_all(matchers, labels):
                return name
        return None

    def targets(self, step: Step, at_ns: int) -> list[Target]:
        """Whom a step pages at a time, each receiver once."""
        users = [self.schedules[name].user_at(at_ns)[0] for name in step.rota]
        found: dict[str, str] = {}
        for user in (*users, *step.user):
            for receiver in self._receivers_of(user):
                found.setdefault(receiver, user)
        for receiver in step.receiver:
            found.setdefault(receiver, "")
        return [Target(receiver, user) for receiver, user in found.items()]

    def _receivers_of(self, name: str) -> list[str]:
        user = self.config.users.get(name)
        if user is None:
            return []
        own = [f"{PREFIX}{name}"] if has_address(user) else []
        return [*user.receivers, *own]


def has_address(user: User) -> bool:
    """Whether a user can be reached without a receiver of `alertmanager.yml`."""
    return bool(user.email or user.webhook)


def own_receivers(config: OncallConfig) -> list[Receiver]:
    """Receivers made of users' own addresses."""
    from appliance.notify.email import EmailConfig  # noqa: PLC0415 - only where they are built
    from appliance.notify.receiver import Receiver  # noqa: PLC0415
    from appliance.notify.webhook import WebhookConfig  # noqa: PLC0415

    return [
        Receiver(
            name=f"{PREFIX}{name}",
            email_configs=(EmailConfig(to=user.email, send_resolved=True),) if user.email else (),
            webhook_configs=(WebhookConfig(url=user.webhook),) if user.webhook else (),
        )
        for name, user in config.users.items()
        if has_address(user)
    ]


def named_receivers(config: OncallConfig) -> list[tuple[object, str, str]]:
    """Receivers that are named: the section, its key, the name."""
    found: list[tuple[object, str, str]] = [
        (user, "receivers", name) for user in config.users.values() for name in user.receivers
    ]
    for policy in (config.policies or {}).values():
        found += [(step, "receiver", name) for step in policy.steps for name in step.receiver]
    return found


def _matchers(policy: Policy) -> tuple[Matcher, ...]:
    return tuple(matcher for one in policy.match for matcher in one)
