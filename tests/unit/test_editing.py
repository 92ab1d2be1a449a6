"""Chips: what of a plan can be changed, and that changing it back gives the same plan."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.models.plan import Assumption, Executable, ListPlan, MetricPlan, PatternPlan, Reading, SqlPlan
from dash_agent.models.query import Among, Filter, Grain, Having, ListQuery, MetricQuery, Op, Period, Scalar
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
    unread,
)
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ROOT, ZONE

HOME = load_catalog(ROOT)
CALENDAR = Calendar(NOW, ZONE)
PERIODS = [
    CALENDAR.last_days(7, "last 7 days"),
    CALENDAR.last_days(30, "last 30 days"),
    CALENDAR.named_month(10, 2026),
    CALENDAR.last_hours(24, "last 24 hours"),
    Period(CALENDAR.midnight(CALENDAR.today), CALENDAR.local_now, to_now=True, label="today"),
]

periods = st.sampled_from(PERIODS)
scalars: st.SearchStrategy[Scalar] = st.one_of(st.sampled_from(["whatsapp", "email", "a'b"]), st.none(), st.integers())
values = st.lists(scalars, min_size=1, max_size=3, unique=True).map(tuple)
filters = st.builds(
    Filter, st.sampled_from(["channel", "country", "weekday"]), st.sampled_from([Op.IN, Op.NOT_IN]), values
)
amongs = st.builds(Among, st.sampled_from(["escalated", "resolved"]), st.booleans())
havings = st.builds(Having, st.just("tickets"), st.sampled_from([Op.LT, Op.GE]), st.decimals(0, 99, places=1))
assumed = st.lists(st.sampled_from(list(Assumption)), max_size=3, unique=True).map(tuple)


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


metric_plans = st.builds(
    MetricPlan,
    st.builds(
        MetricQuery,
        metrics=st.just(("tickets",)),
        filters=some(filters),
        among=some(amongs),
        part=some(st.one_of(filters, amongs)),
        having=some(havings),
        period=periods | st.none(),
        compare=periods | st.none(),
    ),
    assumptions=assumed,
)
list_plans = st.builds(
    ListPlan,
    st.builds(
        ListQuery,
        table=st.just("support_threads_data"),
        columns=st.just(("ticket_id",)),
        filters=some(filters),
        among=some(amongs),
        period=periods | st.none(),
    ),
    assumptions=assumed,
)


def funnel(period: Period, channels: tuple[str, ...] | None, countries: tuple[str, ...] | None) -> PatternPlan:
    """As the planner fills it."""
    parameters: dict[str, Scalar | tuple[Scalar, ...]] = dict.fromkeys(HOME.patterns["ticket_funnel"].header.parameters)
    parameters["channels"], parameters["countries"] = channels, countries
    made = PatternPlan("ticket_funnel", tuple(parameters.items()), PERIODS[0])
    dated = put(made, PeriodChip(period), HOME)
    assert isinstance(dated, PatternPlan)
    return dated


names = st.lists(st.sampled_from(["whatsapp", "email", "DE"]), min_size=1, max_size=3, unique=True).map(tuple)
pattern_plans = st.builds(funnel, periods, names | st.none(), names | st.none())
plans: st.SearchStrategy[Executable] = st.one_of(metric_plans, list_plans, pattern_plans)


def another(chip: Chip, draw: st.DataObject) -> Chip:
    """One that stands in the same place and has something else."""
    match chip:
        case PeriodChip():
            return chosen(chip, draw.draw(periods), CALENDAR)
        case FilterChip():
            return replace(chip, narrowing=draw.draw(filters))
        case CountedChip():
            return replace(chip, counted=draw.draw(amongs))
        case PartChip():
            return replace(chip, condition=draw.draw(st.one_of(filters, amongs)))
        case BoundChip():
            return replace(chip, bound=draw.draw(havings))
        case SlotChip():
            return replace(chip, values=draw.draw(names))


@given(plan=plans, data=st.data())
@settings(max_examples=300, deadline=None)
def test_changing_a_chip_and_back_gives_the_same_plan(plan: Executable, data: st.DataObject) -> None:
    found = chips(plan, HOME)
    if not found:
        return
    chip = data.draw(st.sampled_from(found))
    other = another(chip, data)
    changed = put(plan, other, HOME)
    assert put(changed, chip, HOME) == plan
    # The other chips are what they were.
    kept = [one for one in chips(changed, HOME) if one != other]
    assert [one for one in found if one != chip] == kept or chip == other or other in found


@given(plan=plans)
@settings(max_examples=100, deadline=None)
def test_putting_a_chip_where_it_is_changes_nothing(plan: Executable) -> None:
    for chip in chips(plan, HOME):
        assert put(plan, chip, HOME) == plan


def test_what_can_be_changed_of_a_question(home: Catalog) -> None:
    urgent = Filter("urgency", Op.IN, ("high",))
    whatsapp = Filter("channel", Op.IN, ("whatsapp",))
    escalated = Among("escalated")
    bound = Having("tickets", Op.GE, Decimal(5))
    query = MetricQuery(
        ("tickets",),
        filters=(whatsapp,),
        among=(escalated,),
        part=(urgent,),
        having=(bound,),
        period=PERIODS[0],
        share=True,
    )
    plan = MetricPlan(query, assumptions=(Assumption.DEFAULT_PERIOD,))
    assert chips(plan, home) == (
        PeriodChip(PERIODS[0], None, (Assumption.DEFAULT_PERIOD,)),
        FilterChip(0, whatsapp),
        CountedChip(0, escalated),
        PartChip(0, urgent),
        BoundChip(0, bound),
    )
    assert chips(SqlPlan("SELECT 1"), home) == ()
    assert chips(MetricPlan(MetricQuery(("tickets",))), home) == ()


def test_a_filter_is_left_out_where_it_stood(home: Catalog) -> None:
    one, two = Filter("channel", Op.IN, ("email",)), Filter("country", Op.IN, ("DE",))
    plan = MetricPlan(MetricQuery(("tickets",), filters=(one, two)))
    assert put(plan, FilterChip(0, None), home) == MetricPlan(MetricQuery(("tickets",), filters=(two,)))
    assert put(plan, FilterChip(7, None), home) == plan


def test_a_comparison_goes_on_with_what_the_new_period_is_held_against(home: Catalog) -> None:
    """Last week against the week before; then October, against September."""
    week, before = CALENDAR.previous(Grain.WEEK), CALENDAR.previous(Grain.WEEK, back=2)
    plan = MetricPlan(MetricQuery(("tickets",), period=week, compare=before), assumptions=(Assumption.SAME_SPAN,))
    (chip,) = chips(plan, home)
    assert isinstance(chip, PeriodChip)
    changed = put(plan, chosen(chip, PERIODS[2], CALENDAR), home)
    assert isinstance(changed, MetricPlan)
    assert (changed.query.period, changed.query.compare) == (PERIODS[2], CALENDAR.named_month(9, 2026))
    assert changed.assumptions == (Assumption.PERIOD_BEFORE,)


def test_a_chosen_period_is_no_longer_assumed(home: Catalog) -> None:
    plan = MetricPlan(
        MetricQuery(("csat",), period=PERIODS[1]), assumptions=(Assumption.BY_CREATION, Assumption.DEFAULT_PERIOD)
    )
    (chip,) = chips(plan, home)
    assert isinstance(chip, PeriodChip)
    changed = put(plan, chosen(chip, PERIODS[0], CALENDAR), home)
    assert changed == MetricPlan(MetricQuery(("csat",), period=PERIODS[0]), assumptions=(Assumption.BY_CREATION,))


def test_a_patterns_period_fills_its_parameters(home: Catalog) -> None:
    """Up to now holds now itself, whose comparison is half-open."""
    plan = funnel(PERIODS[2], ("whatsapp",), None)
    assert dict(plan.parameters)["start"] == "2026-10-01T00:00:00+03:00"
    assert dict(plan.parameters)["end"] == "2026-11-01T00:00:00+02:00"
    assert chips(plan, home) == (PeriodChip(PERIODS[2]), SlotChip("channels", "channel", ("whatsapp",)))
    open_ended = put(plan, PeriodChip(PERIODS[1]), home)
    assert isinstance(open_ended, PatternPlan)
    assert dict(open_ended.parameters)["end"] == "2026-11-20T14:00:00.000001+02:00"
    assert open_ended.period == PERIODS[1]
    none = put(plan, SlotChip("channels", "channel", ()), home)
    assert isinstance(none, PatternPlan)
    assert dict(none.parameters)["channels"] is None


def test_mended_slips_stay_told_and_readings_do_not() -> None:
    readings = (Reading("last week", "period 2026-11-09 to 2026-11-16"), Reading("tickes", "typo of tickets"))
    plan = MetricPlan(MetricQuery(("tickets",), period=PERIODS[0]), readings)
    assert unread(plan).reading == readings[1:]
