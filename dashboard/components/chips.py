"""What an answer is narrowed by, as chips that open: another choice there is another plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, assert_never

import streamlit as st

from dash_agent.insight.messages import say
from dash_agent.insight.naming import dimension_label, metric_label
from dash_agent.insight.narrowing import narrowed_by
from dash_agent.insight.wording import Wording
from dash_agent.models.plan import Executable
from dash_agent.models.query import Among, Filter, Grain, Having, Op, Period, Scalar
from dash_agent.planning.editing import (
    BoundChip,
    Chip,
    CountedChip,
    FilterChip,
    PartChip,
    PeriodChip,
    SlotChip,
    chips,
    chosen,
    put,
)
from dash_agent.planning.one_period import read_period
from dash_agent.semantic.time import Calendar
from dashboard.components.text import label
from dashboard.words import Words

PRESETS: Final = (
    "today",
    "yesterday",
    "this week",
    "last week",
    "last 7 days",
    "last 30 days",
    "this month",
    "last month",
    "last 90 days",
    "this quarter",
    "last 6 months",
    "this year",
)
OWN: Final = "own"
CLOCK: Final = {Grain.WEEKDAY.value: range(1, 8), Grain.HOUR_OF_DAY.value: range(24)}
NUMBER: Final = (Op.LT, Op.LE, Op.GT, Op.GE)

Apply = Callable[[Executable], None]
Values = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chips:
    """values: those that a dimension has in the database. apply: takes the changed plan, before the next look."""

    words: Words
    wording: Wording
    calendar: Calendar
    values: Values
    apply: Apply

    def row(self, plan: Executable, key: str, *, open_: bool = True) -> None:
        """open_: whether they can be changed."""
        found = chips(plan, self.wording.catalog)
        if not found:
            return
        with st.container(horizontal=True, key=f"chips-{key}"):
            for place, chip in enumerate(found):
                name = label(self.told(chip), 80)
                if not open_:
                    st.badge(name, color="gray")
                    continue
                with st.popover(name, icon=icon(chip), help=self.words("ask.chip_help"), key=f"chip-{key}-{place}"):
                    self._editor(plan, chip, f"{key}-{place}")

    def told(self, chip: Chip) -> str:
        """A chip in words."""
        match chip:
            case PeriodChip(period, compare):
                told = self.wording.period(period, self.calendar.now)
                if compare is None:
                    return told
                return self.words("ask.compared", period=told, compare=self.wording.period(compare, self.calendar.now))
            case FilterChip(_, None) | CountedChip(_, None) | BoundChip(_, None):
                return ""
            case FilterChip(_, Filter() as one) if one.op in (Op.IN, Op.NOT_IN):
                return f"{self._dimension(one.dimension)}: {narrowed_by((one,), self.wording)}"
            case FilterChip(_, Filter() as one):
                return narrowed_by((one,), self.wording)
            case CountedChip(_, Among() as one):
                return narrowed_by((one,), self.wording)
            case PartChip(_, condition):
                return self.words("ask.part", condition=narrowed_by((condition,), self.wording))
            case BoundChip(_, Having() as one):
                return narrowed_by((one,), self.wording)
            case SlotChip(_, dimension, values):
                return f"{self._dimension(dimension)}: {', '.join(self._value(dimension, one) for one in values)}"
            case _:
                raise TypeError(f"{chip!r} is no chip of a plan")

    def _dimension(self, name: str) -> str:
        if name in CLOCK:
            return say(self.wording.language, f"grain.{name}").capitalize()
        found = self.wording.catalog.dimensions.get(name)
        return self.wording.label(found.label, name) if found else name

    def _value(self, dimension: str, value: Scalar) -> str:
        if dimension in CLOCK and isinstance(value, int):
            return self.wording.bucket(Grain(dimension), value)
        return self.wording.value(dimension, value)

    # Editors. What is chosen is read when the button is pressed: callbacks run before the next look.

    def _editor(self, plan: Executable, chip: Chip, key: str) -> None:
        match chip:
            case PeriodChip():
                self._period(plan, chip, key)
            case FilterChip(_, Filter() as one) if one.op in (Op.IN, Op.NOT_IN):
                self._choice(plan, chip, one.dimension, one.values, key, excluded=one.op is Op.NOT_IN)
            case PartChip(_, Filter() as one) if one.op in (Op.IN, Op.NOT_IN):
                self._choice(plan, chip, one.dimension, one.values, key, excluded=one.op is Op.NOT_IN, removable=False)
            case SlotChip():
                self._choice(plan, chip, chip.dimension, chip.values, key, excluded=None)
            case FilterChip(_, Filter() as one) if one.op in NUMBER and isinstance(one.values[0], int | Decimal):
                self._number(plan, chip, one.values[0], key)
            case BoundChip(_, Having() as one):
                self._number(plan, chip, one.value, key)
            case FilterChip() | CountedChip() | BoundChip():
                self._removal(plan, chip, key)
            case PartChip():
                st.caption(self.words("ask.part_fixed"))
            case _:
                assert_never(chip)

    def _period(self, plan: Executable, chip: PeriodChip, key: str) -> None:
        names = {preset: self.words(f"ask.period.{preset.replace(' ', '_')}") for preset in PRESETS}
        names[OWN] = self.words("ask.period.own")
        current = chip.period.label if chip.period.label in PRESETS else OWN
        which = st.selectbox(
            self.words("ask.period_label"),
            list(names),
            index=list(names).index(current),
            format_func=names.__getitem__,
            key=f"period-{key}",
        )
        if which == OWN:
            first, last = self._days(chip.period)
            st.date_input(
                self.words("ask.days_label"), (first, last), key=f"days-{key}", format="DD.MM.YYYY", min_value=EARLIEST
            )
        st.button(
            self.words("ask.apply"), key=f"apply-{key}", type="primary", on_click=self._dated, args=(plan, chip, key)
        )

    def _days(self, period: Period) -> tuple[date, date]:
        """First and last day, in the business time zone."""
        start, end = (moment.astimezone(self.wording.zone) for moment in (period.start, period.end))
        last = end if period.to_now else end - timedelta(seconds=1)
        return max(start.date(), EARLIEST), max(last.date(), EARLIEST)

    def _dated(self, plan: Executable, chip: PeriodChip, key: str) -> None:
        which = st.session_state[f"period-{key}"]
        if which != OWN:
            period = read_period(which, self.calendar).period
        else:
            days = st.session_state[f"days-{key}"]
            if not isinstance(days, tuple) or len(days) != 2:
                return
            period = self.calendar.days(days[0], days[1] + timedelta(days=1))
        self.apply(put(plan, chosen(chip, period, self.calendar), self.wording.catalog))

    def _choice(
        self,
        plan: Executable,
        chip: FilterChip | PartChip | SlotChip,
        dimension: str,
        values: tuple[Scalar, ...],
        key: str,
        *,
        excluded: bool | None,
        removable: bool = True,
    ) -> None:
        """excluded: whether these are left out; None where that is no question."""
        if excluded is not None:
            st.segmented_control(
                self.words("ask.how_narrowed"),
                [False, True],
                default=excluded,
                required=True,
                format_func=lambda out: self.words("ask.without" if out else "ask.only"),
                key=f"how-{key}",
            )
        known = [*values, *(one for one in self._known(dimension) if one not in values)]
        single = isinstance(chip, SlotChip) and chip.single
        st.multiselect(
            self._dimension(dimension),
            known,
            default=list(values),
            format_func=lambda one: self._value(dimension, one),
            max_selections=1 if single else None,
            placeholder=self.words("ask.choose"),
            key=f"values-{key}",
        )
        with st.container(horizontal=True):
            st.button(
                self.words("ask.apply"),
                key=f"apply-{key}",
                type="primary",
                on_click=self._chosen,
                args=(plan, chip, key),
            )
            if removable:
                self._removal(plan, chip, key)

    def _known(self, dimension: str) -> Sequence[Scalar]:
        return tuple(CLOCK[dimension]) if dimension in CLOCK else tuple(self.values(dimension))

    def _chosen(self, plan: Executable, chip: FilterChip | PartChip | SlotChip, key: str) -> None:
        values: tuple[Scalar, ...] = tuple(st.session_state[f"values-{key}"])
        op = Op.NOT_IN if st.session_state.get(f"how-{key}") else Op.IN
        changed: Chip
        match chip:
            case SlotChip():
                changed = replace(chip, values=values)
            case FilterChip(_, Filter() as one):
                changed = replace(chip, narrowing=Filter(one.dimension, op, values) if values else None)
            case PartChip(_, Filter() as one) if values:
                changed = replace(chip, condition=Filter(one.dimension, op, values))
            case _:
                return
        self.apply(put(plan, changed, self.wording.catalog))

    def _number(self, plan: Executable, chip: FilterChip | BoundChip, value: Decimal | int, key: str) -> None:
        st.number_input(label(self.told(chip)), value=float(value), key=f"number-{key}")
        with st.container(horizontal=True):
            st.button(
                self.words("ask.apply"),
                key=f"apply-{key}",
                type="primary",
                on_click=self._bounded,
                args=(plan, chip, key),
            )
            self._removal(plan, chip, key)

    def _bounded(self, plan: Executable, chip: FilterChip | BoundChip, key: str) -> None:
        given = Decimal(repr(st.session_state[f"number-{key}"]))
        number = int(given) if given == given.to_integral_value() else given
        match chip:
            case BoundChip(_, Having() as one):
                self.apply(put(plan, replace(chip, bound=replace(one, value=number)), self.wording.catalog))
            case FilterChip(_, Filter() as one):
                self.apply(put(plan, replace(chip, narrowing=replace(one, values=(number,))), self.wording.catalog))

    def _removal(self, plan: Executable, chip: Chip, key: str) -> None:
        without: Chip
        match chip:
            case FilterChip(place, _):
                without = FilterChip(place, None)
            case CountedChip(place, _):
                without = CountedChip(place, None)
            case BoundChip(place, _):
                without = BoundChip(place, None)
            case SlotChip():
                without = replace(chip, values=())
            case _:
                return
        changed = put(plan, without, self.wording.catalog)
        st.button(self.words("ask.remove"), key=f"remove-{key}", on_click=self.apply, args=(changed,))


EARLIEST: Final = date(2000, 1, 1)


def icon(chip: Chip) -> str:
    return ":material/calendar_month:" if isinstance(chip, PeriodChip) else ":material/filter_alt:"


def differences(before: Executable | None, after: Executable, told: Chips) -> tuple[str, ...]:
    """What a plan has that the one before it has not, in words; all of it where there was none."""
    known = chips(before, told.wording.catalog) if before is not None else ()
    found = [told.told(one) for one in chips(after, told.wording.catalog)]
    old = [told.told(one) for one in known]
    new = [one for one in found if one not in old]
    gone = [told.words("ask.left_out", what=one) for one in old if one not in found and len(found) < len(old)]
    return (*new, *gone) if new or gone else tuple(found)


def name_of(plan: Executable, told: Chips) -> str:
    """What a plan asks for, without its periods: the title of one that no question led to."""
    from dash_agent.models.plan import ListPlan, MetricPlan, PatternPlan

    wording = told.wording
    match plan:
        case MetricPlan(query):
            names = [", ".join(metric_label(one, wording) for one in query.metrics)]
            split = [dimension_label(one, wording) for one in query.dimensions]
            split += [say(wording.language, f"grain.{query.grain}")] if query.grain else []
            names += [told.words("ask.split_by", split=", ".join(split))] if split else []
        case ListPlan(query):
            table = wording.catalog.tables.get(query.table)
            names = [wording.label(table.label, query.table) if table else query.table]
        case PatternPlan(name):
            names = [wording.label(wording.catalog.patterns[name].header.label, name)]
        case _:
            names = [told.words("ask.written_sql")]
    rest = [told.told(one) for one in chips(plan, wording.catalog) if not isinstance(one, PeriodChip)]
    return " · ".join((*names, *rest))
