"""Runs stages, as text, over entries; what comes out as plain values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse
from appliance.logql.rows import rows_of
from appliance.logql.stages import compile_pipeline
from appliance.model.log import Metadata
from tests.sources import Entry, labels, make_chunk


class Outcome(NamedTuple):
    line: str
    stream: dict[str, str]
    metadata: dict[str, str]
    parsed: dict[str, str]


def run(
    stages: str,
    *lines: str | bytes,
    metadata: Sequence[Metadata] = (),
    wanted: Collection[str] | None = None,
    **stream: str,
) -> list[Outcome]:
    """What stages make of lines of a stream {app="x", …}."""
    query = parse(f'{{app="x"}} {stages}')
    assert isinstance(query, Pipeline)
    pipeline = compile_pipeline(query.stages, wanted=None if wanted is None else frozenset(wanted))
    sets = [*metadata, *[()] * (len(lines) - len(metadata))]
    texts = [line if isinstance(line, str) else line.decode("latin-1") for line in lines]
    entries = [
        Entry(at, text, pairs) for at, (text, pairs) in enumerate(zip(texts, sets, strict=True))
    ]
    rows = pipeline.run(rows_of(make_chunk(labels(app="x", **stream), entries)))
    found = rows.label_sets(range(len(rows)))
    return [
        Outcome(line.decode(), dict(one.stream), dict(one.metadata), dict(one.parsed))
        for line, one in zip(rows.line_list(), found, strict=True)
    ]


def parsed(stages: str, *lines: str) -> list[dict[str, str]]:
    """The parsed labels alone, without the details of errors."""
    return [
        {name: text for name, text in one.parsed.items() if name != "__error_details__"}
        for one in run(stages, *lines)
    ]


def passed(stages: str, *lines: str) -> list[str]:
    """The lines alone."""
    return [one.line for one in run(stages, *lines)]
