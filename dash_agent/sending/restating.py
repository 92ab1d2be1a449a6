"""Numbers of the last digest that are others by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from dash_agent.errors import WrongUse
from dash_agent.models.digest import Issue, Number
from dash_agent.models.principal import Principal
from dash_agent.reports.digest import Line
from dash_agent.reports.digest_words import tell
from dash_agent.reports.spans import Span, named
from dash_agent.reports.tiles import Tile, tiles
from dash_agent.reports.view import View

Moved = Callable[[str, Principal], Sequence[str]]
"""What moved a kept answer, by its id: 'data', 'definition' …; () where that can't be told any more."""


def corrections(view: View, before: Issue, moved: Moved) -> tuple[Line, ...]:
    """A line for each metric whose value for that period would be told otherwise today. Raises Unavailable."""
    told = {one.metric: one for one in before.numbers if one.metric in view.catalog.metrics}
    try:
        period = named(before.key.period, view.calendar).period
    except WrongUse:
        return ()
    if not told:
        return ()
    about = Span(period, view.calendar.before(period))
    return tuple(_lines(view, told, tiles(view, tuple(told), about), about, moved))


def _lines(view: View, told: dict[str, Number], found: Sequence[Tile], about: Span, moved: Moved) -> Iterator[Line]:
    causes: dict[str, Sequence[str]] = {}
    for tile in found:
        one = told[tile.metric]
        was = view.wording.measure(Decimal(one.value), tile.unit, tile.decimals)
        now = view.wording.measure(tile.value, tile.unit, tile.decimals)
        if tile.problem or was == now:
            continue
        if one.answer_id not in causes:
            causes[one.answer_id] = moved(one.answer_id, view.principal)
        why = ", ".join(tell(view.language, f"cause.{c}") for c in causes[one.answer_id] or ("unknown",))
        words = {"label": tile.label, "period": view.wording.period(about.period, view.now)}
        yield Line("", tell(view.language, "was_now", now=now, was=was, causes=why, **words))
