"""The first kinds of jobs, and when they are due unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from dash_agent.models.job import JobKind, Schedule, Transaction, Work
from dash_agent.warehouse.housekeeping import Keeping, compact_changes, expire_learnings, prune

logger = structlog.get_logger(__name__)

SCHEDULES: Final = (
    Schedule("expire-learnings", "learnings.expire", "15 * * * *"),
    Schedule("compact-changes", "changes.compact", "*/10 * * * *"),
    Schedule("index-documents", "documents.index", "*/5 * * * *"),
    Schedule("refresh-values", "values.refresh", "30 5 * * *"),
    Schedule("prune", "state.prune", "45 3 * * *"),
    Schedule("prune-folders", "folders.prune", "50 3 * * *"),
)


def housekeeping(
    keeping: Keeping, index: Callable[[], None], refresh: Callable[[], None], clear: Callable[[], int] = lambda: 0
) -> Mapping[str, JobKind]:
    """index: brings the documents that are searched to the content in service. refresh: looks up live values anew.
    clear: removes folders of digests that are too old, and returns how many.

    All do nothing where nothing changed, so a second time does no harm.
    """
    return {
        "learnings.expire": JobKind(_within(lambda connection: {"expired": expire_learnings(connection)})),
        "state.prune": JobKind(_within(lambda connection: prune(connection, keeping))),
        "folders.prune": JobKind(lambda _: _cleared(clear), attempts=3),
        "changes.compact": JobKind(_within(_compacted), attempts=3),
        "documents.index": JobKind(lambda _: index(), attempts=4),
        "values.refresh": JobKind(lambda _: refresh(), attempts=4),
    }


def _within(effect: Callable[[Transaction], Mapping[str, int]]) -> Callable[[Work], None]:
    """A handler whose effect is kept together with its job's end."""

    def handle(work: Work) -> None:
        with work.finishing() as connection:
            told = effect(connection)
        logger.info("housekeeping", kind=work.job.kind, **told)

    return handle


def _cleared(clear: Callable[[], int]) -> None:
    logger.info("housekeeping", kind="folders.prune", folders=clear())


def _compacted(connection: Transaction) -> Mapping[str, int]:
    compact_changes(connection)
    return {}
