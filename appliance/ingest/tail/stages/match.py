"""The match stage: a LogQL selector chooses entries to drop, or to give stages of their own.

promtail takes line filters after the selector; here any stage of LogQL may follow.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.ingest.tail.stage_config import MatchAction
from appliance.logql.ast import FilterOp, LineFilter
from appliance.logql.parser import parse_log
from appliance.logql.rows import rows_of
from appliance.logql.stages import compile_stage
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, PlainLines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import MatchStage
    from appliance.ingest.tail.stages.context import StageContext
    from appliance.ingest.tail.stages.pipeline import Pipeline
    from appliance.logql.ast import Pipeline as LogQuery
    from appliance.logql.ast import Stage
    from appliance.logql.rows import Rows

_ANY_STREAM = "__any_stream__"
_PLAIN_OPS = frozenset({FilterOp.CONTAINS, FilterOp.LACKS, FilterOp.MATCHES, FilterOp.NO_MATCH})


class Match:
    """The stage at work.

    Args:
        inner: The stages of the entries chosen; None when they are dropped.

    Raises:
        BadInput: The selector is no log query.
    """

    def __init__(self, config: MatchStage, inner: Pipeline | None, context: StageContext) -> None:
        self._choice = Choice(config.selector)
        self._inner = inner if config.action is MatchAction.KEEP else None
        self._reason = config.drop_counter_reason or "match_stage"
        self._context = context

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Entries that stay, in order."""
        chosen = self._choice.chosen(entries)
        found: list[Entry] = []
        pairs = zip(chosen, entries, strict=True)
        for is_chosen, group in groupby(pairs, key=itemgetter(0)):
            some = [entry for _, entry in group]
            if not is_chosen:
                found += some
            elif self._inner is not None:
                found += self._inner.process(some)
            else:
                self._context.count_dropped(self._reason, len(some))
        return found

    def flush(self, now: float) -> list[Entry]:
        """What the inner stages have held for too long."""
        return [] if self._inner is None else self._inner.flush(now)

    def held(self) -> list[Entry]:
        """What the inner stages hold."""
        return [] if self._inner is None else self._inner.held()


class Choice:
    """A log query as a condition on entries; unlike a query it may take in all streams.

    Raises:
        BadInput: It is no log query.
    """

    def __init__(self, selector: str) -> None:
        query = _parsed(selector)
        self._matchers = query.matchers
        self._tests: list[Callable[[str], bool]] = []
        self._stages: list[Callable[[Rows], Rows]] = []
        if all(_is_plain(stage) for stage in query.stages):
            self._tests = [_test(stage) for stage in query.stages if isinstance(stage, LineFilter)]
        else:
            self._stages = [compile_stage(stage) for stage in query.stages]

    def chosen(self, entries: Sequence[Entry]) -> list[bool]:
        """For each entry, whether it is chosen."""
        matchers, tests = self._matchers, self._tests
        found = [
            all(matcher.matches(entry.labels.get(matcher.name, "")) for matcher in matchers)
            and all(test(entry.line) for test in tests)
            for entry in entries
        ]
        return self._run(entries, found) if self._stages else found

    def _run(self, entries: Sequence[Entry], chosen: list[bool]) -> list[bool]:
        """Ask LogQL's stages, for the entries of one stream at a time."""
        streams: dict[Labels, list[int]] = {}
        for number, entry in enumerate(entries):
            if chosen[number]:
                streams.setdefault(Labels.of(entry.labels), []).append(number)
        passed: set[int] = set()
        for labels, numbers in streams.items():
            rows = rows_of(_chunk(labels, [entries[number] for number in numbers]))
            for stage in self._stages:
                rows = stage(rows)
            passed.update(numbers[row] for row in rows.index.tolist())
        return [number in passed for number in range(len(entries))]


def _parsed(selector: str) -> LogQuery:
    try:
        return parse_log(selector)
    except BadInput as error:
        before, brace, rest = selector.partition("{")
        if not brace or "at least one" not in error.message:
            raise
    comma = "" if rest.lstrip().startswith("}") else ","
    query = parse_log(f'{before}{{{_ANY_STREAM}="1"{comma}{rest}')
    matchers = tuple(matcher for matcher in query.matchers if matcher.name != _ANY_STREAM)
    return type(query)(matchers, query.stages, query.position)


def _is_plain(stage: Stage) -> bool:
    return (
        isinstance(stage, LineFilter)
        and stage.op in _PLAIN_OPS
        and not any(text.is_ip for text in stage.texts)
    )


def _test(stage: LineFilter) -> Callable[[str], bool]:
    """A line filter as a condition on one line."""
    texts = [text.text for text in stage.texts]
    if stage.op in {FilterOp.CONTAINS, FilterOp.LACKS}:
        wanted = stage.op is FilterOp.CONTAINS
        return lambda line: any(text in line for text in texts) is wanted
    patterns = [Pattern(text) for text in texts]
    wanted = stage.op is FilterOp.MATCHES
    return lambda line: any(pattern.matches(line) for pattern in patterns) is wanted


def _chunk(labels: Labels, entries: Sequence[Entry]) -> LogChunk:
    lines = [entry.line.encode("utf-8", "replace") for entry in entries]
    offsets = np.zeros(len(lines) + 1, dtype=np.int64)
    np.cumsum([len(line) + 1 for line in lines], out=offsets[1:])
    text = b"".join(line + b"\n" for line in lines)
    count = len(lines)
    return LogChunk(
        labels,
        np.arange(count, dtype=np.int64),
        PlainLines(text, offsets),
        [()],
        np.zeros(count, dtype=np.int32),
    )
