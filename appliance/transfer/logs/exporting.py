"""Log entries of a server into a file of JSON lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from appliance.transfer.logs.pages import pages
from appliance.transfer.logs.rows import write_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.transfer.logs.pages import Selection
    from appliance.transfer.session import Session


@dataclass(slots=True)
class Exported:
    """What was written so far.

    Attributes:
        ratio: How much of the time range is done, from 0 to 1.
    """

    entries: int = 0
    ratio: float = 0.0


def export_all(
    session: Session,
    wanted: Selection,
    file: IO[bytes],
    *,
    progress: Callable[[Exported], None] = lambda _: None,
) -> Exported:
    """Write all entries, ordered by time.

    Raises:
        BadInput, LimitExceeded, Unavailable: As `pages` raises them.
    """
    done = Exported()
    width = max(1, wanted.end_ns - wanted.start_ns)
    for rows in pages(session, wanted):
        file.write(b"".join(map(write_row, rows)))
        done.entries += len(rows)
        if rows:
            at = rows[-1].time_ns
            done.ratio = (
                wanted.end_ns - at if wanted.is_backward else at - wanted.start_ns
            ) / width
        progress(done)
    return done
