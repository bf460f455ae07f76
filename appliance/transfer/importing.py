"""One import: from a reader into a sink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.transfer.reader import OpenMetricsReader
    from appliance.transfer.sinks import Sink


@dataclass(slots=True)
class Imported:
    """How much has been handed over."""

    samples: int = 0
    series: int = 0
    exemplars: int = 0
    bytes: int = 0


def import_all(
    reader: OpenMetricsReader, sink: Sink, *, done: Imported, progress: Callable[[Imported], None]
) -> None:
    """Read everything into the sink; on return it is on disk.

    Args:
        done: Is counted up while it goes on, also for who catches an error.
        progress: Called after each block.

    Raises:
        BadInput: A line that is wrong (`file:line: …`), or the server refused samples.
        Unavailable: The server is not there.
    """
    for batch in reader.batches():
        if len(batch.rows):
            sink.add(reader.labels, batch)
        done.samples += len(batch.rows)
        done.exemplars += len(batch.exemplars)
        done.series = len(reader.labels)
        done.bytes += batch.bytes
        progress(done)
    sink.finish(reader.metadata)
