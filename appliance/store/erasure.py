"""Erasure: what has been deleted is in no file of a database any more.

Deleted content outlives its row in two places: pages that are free, also those that an earlier
transaction gave up without overwriting them (such as inbox rows, when their entries are sealed),
and the write-ahead log, which keeps old versions of pages until it starts anew.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from appliance.store.database import VACUUM_PAGES
from appliance.store.failure import FileDamaged

if TYPE_CHECKING:
    from appliance.store.database import Database

_log = logging.getLogger(__name__)

#: Milliseconds that each attempt waits for readers; other writes go in between.
_PATIENCE_MS = (100, 200, 500, 1000, 2000, 4000, 4000, 4000)
#: Steps of the vacuum without progress, each twice as long as the one before.
_MAX_STALLS = 20


def erase_remains(database: Database) -> bool:
    """Leave nothing in the files of what has been deleted; call in a worker thread.

    Returns:
        Whether it is done: not so when a reader keeps an old view all the time, some seconds, or
        when a free page is damaged.

    Raises:
        Unavailable: The database cannot write.
    """
    with database.overwriting():
        try:
            is_compact = _drop_free_pages(database)
        except FileDamaged as error:
            _log.error("%s: free pages stay in the file: %s", database.signal, error)
            is_compact = False
        return any(map(database.empty_log, _PATIENCE_MS)) and is_compact


def _drop_free_pages(database: Database) -> bool:
    """Cut all free pages off the file; whether there was a moment without any."""
    pages, before, stalls = VACUUM_PAGES, -1, 0
    while left := database.vacuum(pages).result():
        if 0 <= before <= left:  # others free pages as fast
            pages *= 2
            stalls += 1
            if stalls > _MAX_STALLS:
                return False
        before = left
    return True
