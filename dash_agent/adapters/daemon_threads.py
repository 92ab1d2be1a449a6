"""Work that takes long, beside an event loop, in threads that a process does not wait for when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

from anyio.to_thread import current_default_thread_limiter

Result = TypeVar("Result")


async def in_daemon_thread(work: Callable[[], Result]) -> Result:
    """As asyncio.to_thread, which would hold up the end of the process for as long as a model may take.

    As many at a time as the event loop's other threads may be.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()
    context = copy_context()

    def settle(set_: Callable[[], None]) -> None:
        # RuntimeError: the loop is closed, and nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if ended.done() else set_())

    def run() -> None:
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001  whatever it is, it belongs to whoever waits
            raised = error
            settle(lambda: ended.set_exception(raised))
        else:
            settle(lambda: ended.set_result(result))

    async with current_default_thread_limiter():
        Thread(target=run, name="dash-question", daemon=True).start()
        return await ended
