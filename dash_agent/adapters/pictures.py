"""Charts as PNG, drawn by plotly.js in a Chromium of this machine. Nothing is fetched: plotly.js is the package's own.

Needs the extra `pictures` (plotly, kaleido) and a browser: the setting DASH_BROWSER, or one that stands on PATH.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from dash_agent.errors import NoPictures
from dash_agent.insight.charts import themed
from dash_agent.models.answer import Chart

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
WIDTH, HEIGHT = 1000, 600
TELEPHONE: Final = 390
"""A width that charts are made to be read at, too."""
_SECONDS: Final = 60.0


class Pictures:
    """Draws pictures with one browser, opened at the first one and kept until `close`. For one thread.

    browser: of the executable; None looks on PATH.
    """

    def __init__(self, browser: Path | None = None) -> None:
        self._browser = browser
        self._runner = asyncio.Runner()
        self._kaleido: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def png(
        self, chart: Chart, *, dark: bool = False, width: int = WIDTH, height: int = HEIGHT, scale: float = 2
    ) -> bytes:
        """A picture of width × height points, each `scale` pixels wide. Raises NoPictures."""
        return self.png_of(themed(chart, dark), width=width, height=height, scale=scale)

    def png_of(self, figure: Mapping[str, object], *, width: int, height: int, scale: float = 2) -> bytes:
        """The same for `data` and `layout` as they came out of an answer."""
        return self._runner.run(self._drawn(figure, {"width": width, "height": height, "scale": scale}))

    @property
    def process(self) -> Any:
        """The open browser, None before the first picture."""
        return self._kaleido

    def close(self) -> None:
        if self._kaleido is not None:
            self._runner.run(self._kaleido.close())
            self._kaleido = None
        self._runner.close()

    async def _drawn(self, figure: Mapping[str, object], size: Mapping[str, float]) -> bytes:
        try:
            open_browser = await self._opened()
            picture = await open_browser.calc_fig(dict(figure), {"format": "png", **size})
        except (OSError, TimeoutError, RuntimeError) as error:
            where = self._browser or "PATH"
            failed = NoPictures(f"the browser ({where}) did not draw the picture: {error}", _HINT)
            raise failed.because("browser_failed") from error
        return bytes(picture)

    async def _opened(self) -> Any:
        if self._kaleido is None:
            kaleido_class = _kaleido()
            made = kaleido_class(timeout=_SECONDS, mathjax=False, path=str(browser(self._browser)))
            await made.open()
            self._kaleido = made
        return self._kaleido


_HINT: Final = "install Chromium (apt-get install chromium), or name one in DASH_BROWSER"


def browser(named: Path | None) -> Path:
    """The Chromium to draw with. Raises NoPictures where there is none."""
    if named is not None:
        if not named.is_file():
            missing = NoPictures(
                f"DASH_BROWSER: there is no file {named}", "name a Chromium or Chrome, or leave it empty"
            )
            raise missing.because("browser_missing", file=named)
        return named
    found = next(filter(None, (shutil.which(name) for name in BROWSERS)), None)
    if found is None:
        none = NoPictures("a picture needs a browser, and there is no Chromium or Chrome on PATH", _HINT)
        raise none.because("no_browser")
    return Path(found)


def _kaleido() -> Any:
    try:
        import plotly  # noqa: F401  its plotly.js is what draws
        from kaleido import Kaleido
    except ImportError as error:
        lacking = NoPictures(
            f"pictures need the package {error.name}, which is not installed", 'pip install "dash-agent[pictures]"'
        )
        raise lacking.because("no_package", package=error.name) from error
    return Kaleido
