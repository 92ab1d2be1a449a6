"""The board: every tile can be narrowed by every filter, and every filter has choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.board import BOARD, Board
from dash_agent.semantic.resolve import applies


def shown_once(subject: Subject) -> Iterator[Found]:
    """Nothing is named twice among the board's tiles, its movers or its filters."""
    board = subject.content.board
    if board is None:
        return
    for key, names in _lists(board):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Found(BOARD, f"{key}[{index}]", f"'{name}' is there already; leave one")


def movers_have_a_period(subject: Subject) -> Iterator[Found]:
    """What is looked at for a change is of a period: a state of now has no earlier one to be held against."""
    board, model = subject.content.board, subject.model
    if board is None or model is None:
        return
    for index, name in enumerate(board.movers):
        metric = model.catalog.metrics.get(name)
        if metric is not None and model.catalog.is_state(metric):
            yield Found(BOARD, f"movers[{index}]", f"'{name}' is a state of now, which nothing earlier is known of")


def filters_narrow_all(subject: Subject) -> Iterator[Found]:
    """A filter of the board applies to every tile and mover, and has values in values.json to choose from."""
    board, model = subject.content.board, subject.model
    if board is None or model is None:
        return
    valued = {entry.dimension for entry in subject.content.values if entry.value is not None}
    for index, name in enumerate(board.filters):
        if name not in model.catalog.dimensions:
            continue
        place = f"filters[{index}]"
        if name not in valued:
            yield Found(BOARD, place, f"'{name}' has no values in business/values.json, so there is nothing to choose")
        for metric in dict.fromkeys((*board.tiles, *board.movers)):
            if metric in model.catalog.metrics and not applies(model, metric, name):
                yield Found(BOARD, place, f"'{metric}' can't be narrowed by '{name}'")


def _lists(board: Board) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("tiles", board.tiles), ("movers", board.movers), ("filters", board.filters)


RULES = (
    Rule("board-twice", shown_once),
    Rule("board-mover", movers_have_a_period),
    Rule("board-filter", filters_narrow_all),
)
