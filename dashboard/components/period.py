"""The period and filter bar of Overview, Funnel and Quality.

`chosen(desk)` draws it and gives what the page is to look at: a name of a span and a narrowing. Both stand in the
address (`?period=last_week&f_channel=chat&f_channel=email`), so that a link shows the same, and are carried along to
the next page that draws the bar. Work out the span where it is used, also in a fragment that runs again: `span(desk,
chosen)` is as of now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st

from dash_agent.errors import WrongUse
from dash_agent.reports.narrowing import Narrowing
from dash_agent.reports.spans import Preset, Span, free, named
from dash_agent.reports.view import View
from dashboard.components.text import plain
from dashboard.state import Desk

PERIOD: Final = "period"
FILTER: Final = "f_"
"""Begins the name of a dimension in the address."""

USUAL: Final = Preset.LAST_30_DAYS
FREE: Final = "free"
CARRIED: Final = "bar.carried"
CHOICE: Final = "bar.period"
DAYS: Final = "bar.days"


@dataclass(frozen=True, slots=True)
class Chosen:
    """period: as `reports.spans.named` reads it."""

    period: str
    narrowing: Narrowing


def view(desk: Desk) -> View:
    """Who looks, as of this minute."""
    return View.of(desk.dash, desk.principal, desk.now, desk.words.language)


def span(desk: Desk, chosen: Chosen) -> Span:
    return named(chosen.period, view(desk).calendar)


def chosen(desk: Desk, *, compares: bool = True) -> Chosen:
    """Draws the bar. compares: whether the page holds the period against the one before."""
    _carry()
    found = Chosen(_period(desk), Narrowing.of(_filters(desk)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _period_widget(desk, found.period)
        _filter_widget(desk, found.narrowing)
    _told(desk, found, compares=compares)
    _remember()
    return found


def dimensions(desk: Desk) -> Sequence[str]:
    """What a page may be narrowed by (business/board.json)."""
    return desk.dash.catalog.board.filters


# The address


def _period(desk: Desk) -> str:
    """The address's; the usual one where it says none, or one that is not there."""
    given = st.query_params.get(PERIOD, USUAL)
    try:
        return named(given, view(desk).calendar).name
    except WrongUse:
        st.warning(desk.words("filters.no_such_period", period=plain(given[:40])))
        return USUAL


def _filters(desk: Desk) -> Mapping[str, Sequence[str]]:
    """Values that nobody knows are left out, with a word about it: a dropped filter would show a wrong number."""
    found: dict[str, Sequence[str]] = {}
    for name in st.query_params:
        dimension = name.removeprefix(FILTER)
        if not name.startswith(FILTER):
            continue
        known = set(_choices(desk, dimension)) if dimension in dimensions(desk) else set()
        given = st.query_params.get_all(name)
        found[dimension] = [value for value in given if value in known]
        if not known.issuperset(given):
            lost = ", ".join(sorted(set(given) - known))
            st.warning(desk.words("filters.no_such_value", values=plain(f"{dimension}: {lost}"[:80])))
    return found


def _carry() -> None:
    """What was chosen on the page before, where this page's address says nothing of its own."""
    if not any(_is_ours(name) for name in st.query_params):
        for name, values in st.session_state.get(CARRIED, {}).items():
            st.query_params[name] = values


def _remember() -> None:
    ours = {name: st.query_params.get_all(name) for name in st.query_params if _is_ours(name)}
    st.session_state[CARRIED] = ours


def _is_ours(name: str) -> bool:
    return name == PERIOD or name.startswith(FILTER)


# The widgets. The address is what counts: it is changed when a widget is, and widgets show what it says.


def _period_widget(desk: Desk, period: str) -> None:
    words = desk.words
    preset = period if period in set(Preset) else FREE
    st.session_state[CHOICE] = preset
    st.selectbox(
        words("filters.period"),
        [*Preset, FREE],
        format_func=lambda name: words(f"filters.{name}"),
        key=CHOICE,
        on_change=_choose_period,
        args=(desk,),
        width=230,
    )
    if preset == FREE:
        now = named(period, view(desk).calendar)
        first, _, last = now.name.partition("..")
        st.session_state[DAYS] = (date.fromisoformat(first), date.fromisoformat(last))
        st.date_input(
            words("filters.days"),
            max_value=view(desk).calendar.today,
            format="YYYY-MM-DD",
            key=DAYS,
            on_change=_choose_days,
            args=(desk,),
            width=250,
        )


def _choose_period(desk: Desk) -> None:
    choice = st.session_state[CHOICE]
    if choice == FREE:
        shown = named(st.query_params.get(PERIOD, USUAL), view(desk).calendar).period
        calendar = view(desk).calendar
        last = min(shown.end.date(), calendar.today)
        choice = free(shown.start.date(), last, calendar).name
    st.query_params[PERIOD] = choice


def _choose_days(desk: Desk) -> None:
    days = st.session_state[DAYS]
    if len(days) == 2:
        st.query_params[PERIOD] = free(days[0], days[1], view(desk).calendar).name


def _filter_widget(desk: Desk, narrowing: Narrowing) -> None:
    if not dimensions(desk):
        return
    words, count = desk.words, len(narrowing.chosen)
    label = words("filters.filters_on", count=count) if count else words("filters.filters")
    with st.popover(label, icon=":material/filter_list:"):
        for dimension in dimensions(desk):
            choices = _choices(desk, dimension)
            key = f"bar.{dimension}"
            st.session_state[key] = list(narrowing.values(dimension))
            st.multiselect(
                _label(desk, dimension),
                list(choices),
                format_func=choices.__getitem__,
                key=key,
                on_change=_choose_values,
                args=(dimension,),
                placeholder=words("filters.all"),
            )
        st.button(words("filters.clear"), on_click=_clear, disabled=not count, icon=":material/filter_list_off:")


def _choose_values(dimension: str) -> None:
    values = st.session_state[f"bar.{dimension}"]
    if values:
        st.query_params[FILTER + dimension] = values
    else:
        st.query_params.pop(FILTER + dimension, None)
        st.query_params.setdefault(PERIOD, USUAL)


def _clear() -> None:
    for name in [name for name in st.query_params if name.startswith(FILTER)]:
        del st.query_params[name]
    # An address that says nothing takes what was carried along.
    st.query_params.setdefault(PERIOD, USUAL)


def _choices(desk: Desk, dimension: str) -> Mapping[str, str]:
    """Stored values with their names, by name; who sees some rows only has only their values to choose from."""
    seen = {one.dimension: one.values for one in desk.principal.scope}.get(dimension)
    stored = (entry.value for entry in desk.dash.catalog.values if entry.dimension == dimension)
    kept = [value for value in stored if value is not None and (seen is None or value in seen)]
    names = {value: desk.wording.value(dimension, value) for value in kept}
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def _label(desk: Desk, dimension: str) -> str:
    return desk.wording.label(desk.dash.catalog.dimensions[dimension].label, dimension)


def _told(desk: Desk, found: Chosen, *, compares: bool) -> None:
    """What is looked at, in words: the days, what they are held against, the filters."""
    now, wording = span(desk, found), desk.wording
    key = f"filters.{'unfinished' if now.unfinished else 'whole'}{'' if compares else '_alone'}"
    days, before = (wording.period(one, desk.now) for one in (now.period, now.compare))
    told = [desk.words(key, period=days, compare=before, moment=wording.moment(view(desk).now))]
    for dimension, values in found.narrowing.chosen:
        names = ", ".join(desk.wording.value(dimension, value) for value in values)
        told.append(f"{_label(desk, dimension)}: {names}")
    st.caption(plain(" · ".join(told)))
