"""Charts as pictures beside an event loop: one browser in a thread of its own, opened at the first chart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self

import structlog

from dash_agent.adapters.pictures import Pictures, browser
from dash_agent.errors import NoPictures
from dash_agent.models.answer import Chart

logger = structlog.get_logger(__name__)

PATIENCE: Final = 8.0
"""Seconds that a reply waits for its picture."""


class Drawing:
    """None where nothing can be drawn, which is logged once: a reply is whole without its picture."""

    def __init__(self, named: Path | None) -> None:
        """named: the browser of DASH_BROWSER, None to look on PATH."""
        self._named = named
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._pictures: Pictures | None = None
        self._off = False

    async def png(self, chart: Chart) -> bytes | None:
        if self._off:
            return None
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._thread, self._drawn, chart), PATIENCE)
        except TimeoutError:
            logger.warning("a picture took too long", seconds=PATIENCE)
        except NoPictures as error:
            logger.warning("no pictures", reason=str(error))
            self._thread.submit(self._close)
            self._off = not self._has_browser()
        return None

    def close(self) -> None:
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def _drawn(self, chart: Chart) -> bytes:
        if self._pictures is None:
            self._pictures = Pictures(self._named)
        return self._pictures.png(chart, scale=1)

    def _close(self) -> None:
        if self._pictures is not None:
            self._pictures.close()
            self._pictures = None

    def _has_browser(self) -> bool:
        try:
            browser(self._named)
        except NoPictures:
            return False
        return True

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Self:
        return self
