"""What the content files say to the desk, and learning from it: at once in this process, or in one of its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dash_agent.adapters.shelf import FolderShelf
from dash_agent.context.documents import read_documents
from dash_agent.ports import Embedder
from dash_agent.settings import Settings
from support_agent.adapters.knowledge import PagesForCustomers
from support_agent.adapters.near_examples import NearExamples
from support_agent.adapters.remembered import Remembered
from support_agent.adapters.routing import Routing, category_pages
from support_agent.categories import Categories, load_categories
from support_agent.guardrails import REPLIES, Likeness
from support_agent.settings import SupportSettings
from support_agent.tools import TOOLS

SHELF: Final = "cache"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """near: examples for a model. likeness: to attacks. bad_replies: likeness to those.

    is_kept: whether the shelf has all that is to be learned.
    """

    categories: Categories
    routing: Routing
    pages: PagesForCustomers
    near: NearExamples
    likeness: Likeness
    bad_replies: Likeness
    is_kept: Callable[[], bool]

    def steps(self) -> Mapping[str, Callable[[], None]]:
        """What is to be learned, in this order; each takes seconds, and no time where the shelf has it."""
        routing = self.routing
        return {"words": routing.learn_words, "meaning": routing.learn_meaning, "pages": self.pages.warm}


def read_known(settings: Settings, support: SupportSettings, embedder: Embedder | None, data_dir: Path) -> Known:
    """Raises ContentError for files that are wrong."""
    content = settings.content_dir
    categories = load_categories(content, frozenset(TOOLS), support.preset)
    documents = read_documents(content)[0]
    shelf = FolderShelf(data_dir / SHELF)
    remembered = None if embedder is None else Remembered(embedder)
    known = category_pages(documents, categories)
    routing, pages = Routing(known, remembered, shelf), PagesForCustomers(documents, remembered, shelf)
    return Known(
        categories,
        routing,
        pages,
        NearExamples(known, remembered),
        Likeness(remembered),
        Likeness(remembered, REPLIES),
        lambda: routing.is_kept() and pages.is_kept(),
    )


def learn(known: Known) -> None:
    for step in known.steps().values():
        step()


def learn_apart(known: Known, settings: Settings, support: SupportSettings, data_dir: Path) -> None:
    """In a process that gives way to the answers of this one; what it could not learn is learned here."""
    if not known.is_kept():
        steps = known.steps()
        for name in _learned_apart(settings, support, data_dir):
            steps[name]()
    learn(known)


def _learned_apart(settings: Settings, support: SupportSettings, data_dir: Path) -> Iterator[str]:
    """The names of steps as they come to lie on the shelf. Its end of the pipe tells the other process to stop."""
    own = {"DASH_DATA_DIR": str(data_dir), "DASH_CONTENT_DIR": str(settings.content_dir)}
    if support.preset is not None:
        own["DASH_SUPPORT_PRESET"] = support.preset
    command = (sys.executable, "-m", "support_agent.apprentice")
    try:
        with subprocess.Popen(  # noqa: S603  our own module, without an argument
            command, env={**os.environ, **own}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            yield from (line.strip() for line in process.stdout)
    except OSError as error:
        log.warning("no process to learn in: %s", error)
        return
    if process.returncode:
        log.warning("learning apart ended with %d; it is done here", process.returncode)
