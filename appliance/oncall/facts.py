"""What is known of on-call duty about an alert, for its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.alertmanager.explain.facts import AckFact, EscalationFact

if TYPE_CHECKING:
    from collections.abc import Collection

    from appliance.oncall.escalation import Escalation
    from appliance.oncall.service import Oncall


class DutyFacts:
    """An `OnCallFacts`; used on the event loop only."""

    def __init__(self, oncall: Oncall) -> None:
        self._oncall = oncall

    def acks(self, fingerprint: str) -> list[AckFact]:
        """See `OnCallFacts`."""
        ack = self._oncall.acks.of(fingerprint)
        return [] if ack is None else [AckFact(ack.by, ack.comment, ack.at_ns, ack.expires_ns)]

    def escalations(self, fingerprint: str) -> list[EscalationFact]:
        """See `OnCallFacts`."""
        found = self._oncall.escalations.of(fingerprint)
        return [] if found is None else [self._fact(found)]

    def keeps_quiet(self, receiver: str, firing: Collection[str]) -> bool:
        """See `OnCallFacts`."""
        oncall = self._oncall
        is_paged = receiver in oncall.roster.receivers
        return is_paged and bool(firing) and all(oncall.acks.of(one) for one in firing)

    def _fact(self, found: Escalation) -> EscalationFact:
        policy = self._oncall.roster.policies.get(found.policy)
        steps = policy.steps if policy is not None else ()
        step = steps[found.next_step] if found.next_step < len(steps) else None
        who = (*step.rota, *step.user, *step.receiver) if step is not None else ()
        next_ns = 0 if found.stopped else self._oncall.escalations.next_ns(found)
        told = dict.fromkeys(
            user or receiver for page in found.pages for receiver, user in page.targets.items()
        )
        return EscalationFact(
            policy=found.policy,
            steps_done=found.next_step,
            steps=len(steps),
            told=tuple(told),
            next_ns=next_ns,
            next_who=", ".join(who) or "the same again",
            stopped=found.stopped,
        )
