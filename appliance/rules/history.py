"""What rules keep over a reload (Prometheus 3, rules/group.go, CopyState).

A rule is the one it was when its group, name and labels are; so it may get another expression or
`for`. Besides, one that nothing but its group or file has changed of is the one it was
(# Differs from Prometheus: there a rule that moves to another group begins anew).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

#: A rule with the group it is in.
_Placed = tuple["GroupState", "RuleState"]


def carry_over(before: Sequence[GroupState], after: Sequence[GroupState]) -> list[GroupState]:
    """Give groups the history of those that they replace.

    Returns:
        The groups that have ended, with the rules that are nowhere else now.
    """
    by_key = {group.key: group for group in before}
    heirs = {group.key: group for group in after}
    for group in after:
        if group.key in by_key:
            group.adopt(by_key[group.key])
    old = _placed(before)
    new = [(group, rule) for group, rule in _placed(after) if not rule.broken]
    for identity in (_exactly, _named, _anywhere):
        old, new = _match(old, new, identity)
    for group in before:
        group.rules = [rule for owner, rule in old if owner is group]
        if group.key in heirs:
            heirs[group.key].orphan(group.rules)
    return [group for key, group in by_key.items() if key not in heirs]


def _placed(groups: Iterable[GroupState]) -> list[_Placed]:
    return [(group, rule) for group in groups for rule in group.rules]


def _match(
    old: list[_Placed], new: list[_Placed], identity: Callable[[_Placed], Hashable]
) -> tuple[list[_Placed], list[_Placed]]:
    """Hand histories on by an identity; gives what is left of both."""
    known: dict[Hashable, list[_Placed]] = {}
    for placed in old:
        known.setdefault(identity(placed), []).append(placed)
    left = [placed for placed in new if not _take(placed, known.get(identity(placed)))]
    remaining = {id(rule) for found in known.values() for _, rule in found}
    return [placed for placed in old if id(placed[1]) in remaining], left


def _take(placed: _Placed, known: list[_Placed] | None) -> bool:
    if not known:
        return False
    placed[1].take_over(known.pop(0)[1])
    return True


def _exactly(placed: _Placed) -> Hashable:
    return placed[0].key, *_anywhere(placed)


def _named(placed: _Placed) -> Hashable:
    rule = placed[1].rule
    return placed[0].key, rule.record, rule.alert, tuple(sorted(placed[1].labels.items()))


def _anywhere(placed: _Placed) -> tuple[Hashable, ...]:
    rule = placed[1].rule
    return rule.expr, rule.record, rule.alert, tuple(sorted(placed[1].labels.items()))
