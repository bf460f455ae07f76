"""Tasks and threads: the only module that creates either.

Invariant: every task made here is referenced until it ends, and its error is logged or raised.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Coroutine,
        Iterable,
        Sequence,
    )

    from appliance.base.clock import Clock

T = TypeVar("T")
_log = logging.getLogger(__name__)
_running: set[asyncio.Task[object]] = set()
_pools: dict[str, ThreadPoolExecutor] = {}
#: Threads of a pool.
_THREADS = 8


def spawn(work: Coroutine[object, object, T], *, name: str) -> asyncio.Task[T]:
    """Run a coroutine as a task; an error nobody awaits is logged with its name."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)
    task.add_done_callback(_finished)
    return task


def _finished(task: asyncio.Task[T]) -> None:
    _running.discard(task)
    if not task.cancelled() and task.exception() is not None:
        _log.error("task %s failed", task.get_name(), exc_info=task.exception())


def _executor(name: str) -> ThreadPoolExecutor:
    """Worker threads, made at first use."""
    if name not in _pools:
        _pools[name] = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix=name)
    return _pools[name]


async def offload(function: Callable[..., T], *args: object) -> T:
    """Call a plain function in a worker thread, so that the event loop never computes."""
    return await asyncio.get_running_loop().run_in_executor(_executor("worker"), function, *args)


async def offload_query(function: Callable[..., T], *args: object) -> T:
    """The same for queries, which have threads of their own: many of them do not hold up ingest."""
    return await asyncio.get_running_loop().run_in_executor(_executor("query"), function, *args)


def submit_rules(function: Callable[..., T], *args: object) -> asyncio.Future[T]:
    """Call a plain function in a thread for rules: slow ones hold up neither queries nor ingest.

    Returns:
        What can be waited for though who asked is cancelled; it goes on then.
    """
    return asyncio.get_running_loop().run_in_executor(_executor("rules"), function, *args)


def share(works: Sequence[Callable[[], None]], *, pool: str, helpers: int) -> None:
    """Call plain functions in this thread, while up to `helpers` others of a pool help.

    Called in a worker thread; returns, or raises the first error, when none of them runs any more.

    Args:
        pool: Whose threads wait for nobody else.
    """
    waiting = iter(works)  # the next one is taken under the interpreter's lock

    def take_part() -> None:
        for work in waiting:
            work()

    others = [_executor(pool).submit(take_part) for _ in works[1 : 1 + helpers]]
    try:
        take_part()
    finally:
        for other in others:
            if not other.cancel():
                other.result()


async def run(function: Callable[..., T], *args: object, offloaded: bool) -> T:
    """Call a plain function, in a worker thread when there is so much to do that it is worth it."""
    return await offload(function, *args) if offloaded else function(*args)


async def attempt(
    work: Awaitable[T], *, name: str, failed: Callable[[Exception], None] | None = None
) -> T | None:
    """Await something whose failure must not stop the caller: it is logged, the result is None.

    Args:
        failed: Told the error, too.
    """
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - what follows may do better
        _tell(error, name, failed)
    return None


def attempt_call(
    work: Callable[[], T], *, name: str, failed: Callable[[Exception], None] | None = None
) -> T | None:
    """The same for a plain function, called here and now."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - what follows may do better
        _tell(error, name, failed)
    return None


def _tell(error: Exception, name: str, failed: Callable[[Exception], None] | None) -> None:
    if isinstance(error, ApplianceError):
        _log.error("%s failed: %s", name, error)
    else:
        _log.error("%s failed", name, exc_info=error)
    if failed is not None:
        failed(error)


async def give_way() -> None:
    """Let others run, in the midst of a long loop."""
    await asyncio.sleep(0)


async def in_slices(items: Iterable[T], size: int = 200) -> AsyncIterator[T]:
    """Items one by one; after every `size` of them others may run."""
    for number, item in enumerate(items, 1):
        yield item
        if number % size == 0:
            await give_way()


async def every(clock: Clock, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Call `work` again and again, `seconds` after the last call ended; an error is logged."""
    while True:
        await clock.sleep(seconds)
        try:
            await work()
        except Exception:  # noqa: BLE001 - the next round may do better
            _log.exception("periodic work %s failed; next try in %s s", work, seconds)
