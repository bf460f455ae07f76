"""From blocks of one job's files to streams, through the job's stages, and to the files' marks.

Invariant: a file's mark leaves out exactly the lines that the pipeline still holds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import numpy as np

from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.streams import group
from appliance.ingest.tail.targets import FILENAME
from appliance.model.log import StreamBatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.ingest.tail.entry import EntryPipeline
    from appliance.ingest.tail.files.tailed_file import Block, TailedFile
    from appliance.ingest.tail.streams import TenantStream, Timeline
    from appliance.model.labels import Labels


#: A file, which content of it, and where in it a line starts and ends. A plain tuple: every line of
#: a job with stages has one.
LineOrigin = tuple["TailedFile", int, int, int]


class JobFeed:
    """See the module's docstring.

    Args:
        pipeline: The job's stages; None when it has none.
        timeline: Gives lines their times.
    """

    def __init__(self, pipeline: EntryPipeline | None, timeline: Timeline) -> None:
        self._pipeline = pipeline
        self._timeline = timeline
        self._changed: dict[TailedFile, None] = {}
        self._holding: set[TailedFile] = set()
        self._has_begun = False

    @property
    def is_holding(self) -> bool:
        """Whether the pipeline holds lines back."""
        return bool(self._holding)

    @property
    def is_full(self) -> bool:
        """Whether the pipeline should get nothing more for now."""
        return self._pipeline is not None and self._pipeline.is_full

    def take(self, block: Block) -> list[TenantStream]:
        """Lines of a block on their way to the store."""
        file = block.file
        self._changed[file] = None
        if self._pipeline is None:
            lines = block.format.lines(block.data)
            count = len(lines)
            file.lines += count
            first = self._timeline.take(count)
            times = np.arange(first, first + count, dtype=np.int64)
            return [("", StreamBatch(stream_labels(file), times, lines))]
        entries = self._entries(block)
        file.lines += len(entries)
        return self._out(self._pipeline.process(entries))

    def begin(self, file: TailedFile) -> list[TenantStream]:
        """Give the pipeline the lines again that it held when a file was last read.

        A file gets its mark now: should it be rotated away while nobody looks, it is known.
        """
        found: list[TenantStream] = []
        self._changed[file] = None
        if file.former is not None or file.has_begun:
            return found
        file.has_begun = True
        if self._pipeline is None:
            return found
        self._has_begun = True
        held = file.held
        for start, end in held:
            entries = self._entries(file.piece(start, end))
            found += self._out(self._pipeline.process(entries))
        return found

    def flush(self, now: float = math.inf) -> list[TenantStream]:
        """What the pipeline has held for too long; by default everything."""
        if self._pipeline is None or not self._holding:
            return []
        return self._out(self._pipeline.flush(now))

    def marks(self, now_ns: int) -> dict[str, str]:
        """Marks of files that something has changed for since the last call."""
        if self._has_begun:
            self._note_held()  # lines of a file may have gone over to its copy
            self._has_begun = False
        found = {file.mark_name: file.mark(now_ns).encode() for file in self._changed}
        self._changed.clear()
        return found

    def forget(self, file: TailedFile) -> None:
        """A file is no longer followed."""
        self._changed.pop(file, None)
        self._holding.discard(file)

    def _entries(self, block: Block) -> list[Entry]:
        texts = block.format.texts(block.data)
        ends = block.format.ends(block.data)
        first = self._timeline.take(len(texts))
        labels, file = dict(stream_labels(block.file)), block.file
        generation, start = file.generation, block.start
        entries = []
        for number, (text, end) in enumerate(zip(texts, ends, strict=False)):
            stop = block.start + end
            origins = ((file, generation, start, stop),)
            entries.append(Entry(labels.copy(), first + number, text, {}, {}, "", origins))
            start = stop
        return entries

    def _out(self, entries: Iterable[Entry]) -> list[TenantStream]:
        self._note_held()
        return group(entries)

    def _note_held(self) -> None:
        """Bring what files know of held lines up to date."""
        held: dict[TailedFile, list[tuple[int, int]]] = {}
        for entry in self._pipeline.held() if self._pipeline is not None else ():
            for origin in entry.origins:
                file, generation, start, end = cast("LineOrigin", origin)
                holder = file.holder(generation)
                if holder is not None:
                    held.setdefault(holder, []).append((start, end))
        for file in self._holding | held.keys():
            ranges = tuple(held.get(file, ()))
            if ranges != file.held:
                file.held = ranges
                self._changed[file] = None
        self._holding = set(held)


def stream_labels(file: TailedFile) -> Labels:
    """Labels of a file's lines before any stage."""
    return file.target.labels.extended({FILENAME: file.path})
