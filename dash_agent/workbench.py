"""What a planner may look at and try: the six layers of context, and statements as the one who asks may run them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from threading import RLock, Thread
from typing import Final

from dash_agent.answering import Answering
from dash_agent.context.catalog import Catalog
from dash_agent.context.documents import Document
from dash_agent.context.passages import passages
from dash_agent.context.ranking import Lexical, Named, fused
from dash_agent.context.runtime import live_values
from dash_agent.errors import DashError, Unavailable
from dash_agent.models.plan import Executable
from dash_agent.models.planned import Passage, Trial
from dash_agent.models.principal import Principal
from dash_agent.ports import Documents, Introspection, Warehouse
from dash_agent.sql.run import run

SAMPLE: Final = 20
"""Rows of a dry run."""

DEEP: Final = 40
"""Places of a search that are looked at, at least."""

logger = logging.getLogger(__name__)


class Library:
    """The passages of one catalogue, made and indexed when they are first looked for. Thread-safe.

    documents: None ranks in memory, by words alone. knowledge: reads the knowledge base.
    """

    def __init__(
        self,
        catalog: Catalog,
        introspection: Introspection,
        documents: Documents | None = None,
        knowledge: Callable[[], Iterable[Document]] = tuple,
    ) -> None:
        self._catalog = catalog
        self._introspection = introspection
        self._documents = documents
        self._knowledge = knowledge
        self._passages: tuple[Passage, ...] | None = None
        self._ranked: Lexical | None = None
        self._calls: Named | None = None
        self._indexed = False
        self._lock = RLock()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Raises Unavailable."""
        with self._lock:
            if self._passages is None:
                live = live_values(self._catalog, self._introspection)
                self._passages = passages(self._catalog, self._knowledge(), live)
            return self._passages

    @property
    def _named(self) -> Named:
        with self._lock:
            if self._calls is None:
                self._calls = Named(self.passages)
            return self._calls

    def find(self, text: str, limit: int, also: Sequence[str] = (), extra: Sequence[Passage] = ()) -> Sequence[Passage]:
        """The best first. also: as of the port `Documents`. extra: passages that only who asks may see.

        What the text calls by its name is among them. Where the index can't be reached, words are ranked in memory: a
        search is no reason for no answer.
        """
        rankings = [self._searched(text, max(limit, DEEP), also)]
        if extra:
            rankings.insert(0, Lexical(extra).search(text, limit))
        return fused(rankings, limit, hints=(self._named.search(text, limit),))

    def index(self) -> None:
        """Brings the index to this content, meanings too, as a worker may before a question. Raises Unavailable."""
        if self._documents is not None:
            self._index(self._documents)
            self._documents.embed()

    def _index(self, documents: Documents) -> bool:
        """True where this is the first look."""
        with self._lock:
            if self._indexed:
                return False
            documents.index(version_of(self.passages), self.passages)
            self._indexed = True
            return True

    def _searched(self, text: str, limit: int, also: Sequence[str]) -> Sequence[Passage]:
        if self._documents is not None:
            try:
                if self._index(self._documents):
                    # Nobody waits for it: until it is done, words alone are searched.
                    Thread(target=_embed, args=(self._documents,), name="embedding context", daemon=True).start()
                return self._documents.search(text, limit, also)
            except Unavailable as error:
                logger.warning("context is searched in memory: %s", error)
        with self._lock:
            if self._ranked is None:
                self._ranked = Lexical(self.passages)
            return self._ranked.search(text, limit)


def _embed(documents: Documents) -> None:
    try:
        documents.embed()
    except Unavailable as error:
        logger.info("context is searched by words alone, for now: %s", error)
    except Exception:
        logger.exception("context is searched by words alone until it can be embedded")


def version_of(passages: Sequence[Passage]) -> str:
    """The same for the same passages."""
    told = (f"{one.layer}\0{one.name}\0{one.file}\0{one.text}\0{one.words}" for one in passages)
    return hashlib.sha256("\1".join(told).encode()).hexdigest()[:16]


class Bench:
    """The port `Workbench`, for one who asks at one moment. extra: passages that are this person's own."""

    def __init__(
        self,
        library: Library,
        answering: Answering,
        warehouse: Warehouse,
        principal: Principal,
        now: datetime,
        extra: Sequence[Passage] = (),
    ) -> None:
        self._library = library
        self._answering = answering
        self._warehouse = warehouse
        self._principal = principal
        self._now = now
        self._extra = extra

    def find(self, text: str, limit: int, also: Sequence[str] = ()) -> Sequence[Passage]:
        return self._library.find(text, limit, also, self._extra)

    def dry_run(self, plan: Executable) -> Trial:
        """Of the first SAMPLE rows. An answer's checks are made here already, so that a planner can mend what fails."""
        try:
            safe = self._answering.safe(plan, self._principal, self._now, SAMPLE)
            checked = self._answering.checked(plan, self._now)
            self._warehouse.explain(safe)
            result = run(safe, self._warehouse)
            doubts = self._answering.doubts_of(checked, result) if checked is not None else ()
        except DashError as error:
            return Trial(problem=" ".join(str(error).split()))
        columns = tuple(column.name for column in result.columns)
        return Trial(columns, result.rows, warnings=tuple(map(str, doubts)))
