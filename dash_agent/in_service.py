"""The content in service: the last that was whole. Changed files go into service, or are told to be wrong."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog
from dash_agent.errors import ContentError, DashError, Problem
from dash_agent.models.principal import Principal

Stamp = tuple[tuple[str, int, int], ...]

EVERY: Final = 1.0
"""Seconds between two looks at the files."""

READ: Final = ("tables/*.json", "business/*.json", "business/digests/*.json", "business/alerts/*.json", "queries/*.sql")


@dataclass(frozen=True, slots=True)
class Serving:
    """What answers are given by. principals: the known ones, by e-mail in lower case."""

    dash: Dash
    catalog: Catalog
    principals: Mapping[str, Principal]


def stamp_of(root: Path) -> Stamp:
    """Changes when a content file is written, comes or goes."""
    found = []
    for pattern in READ:
        for path in sorted(root.glob(pattern)):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((str(path.relative_to(root)), status.st_mtime_ns, status.st_size))
    return tuple(found)


class InService:
    """Holds what is in service. One instance serves many threads.

    problems: of the files as they are now, () where those are in service.
    """

    def __init__(self, first: Serving, read: Stamp, stamp: Callable[[], Stamp], make: Callable[[], Serving]) -> None:
        """read: the stamp of the files that `first` was read from, taken before. stamp: of the files as they are.

        make: what they give; raises ContentError where they don't hold.
        """
        self.serving = first
        self.problems: tuple[Problem, ...] = ()
        self._stamp, self._make = stamp, make
        self._seen = self._before = read

    def look(self) -> bool:
        """Takes files into service that have changed, and not since the last look: nobody is writing them any more.

        Returns whether there is something new to tell. Raises DashError where the database could not be asked; the
        next look tries again.
        """
        stamp, before = self._stamp(), self._before
        self._before = stamp
        if stamp in (self._seen, ()) or stamp != before:
            return False
        try:
            made = self._make()
        except ContentError as error:
            self.problems = error.problems
        else:
            self.serving, self.problems = made, ()
        # What was written meanwhile has another stamp, and is for the next look.
        self._seen = stamp
        return True


@contextmanager
def watched(content: InService, tell: Callable[[str], None]) -> Iterator[None]:
    """Looks at the files again and again, in a thread of its own, and says what came of a change."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY):
            try:
                if content.look():
                    tell(_told(content))
            except DashError as error:
                tell(f"Content files changed, and the database could not be asked: {error}")
            except Exception:
                # The edge of a thread: one bad file must not end the watch.
                logging.getLogger(__name__).exception("content files could not be taken into service")

    thread = threading.Thread(target=watch, name="content", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _told(content: InService) -> str:
    version = content.serving.catalog.version
    if not content.problems:
        return f"Content files changed: version {version} is in service."
    first, more = content.problems[0], len(content.problems) - 1
    tail = f" (and {more} more; run 'dash-agent check')" if more else ""
    return f"Content files changed and don't hold, so version {version} stays in service. {first}{tail}"
