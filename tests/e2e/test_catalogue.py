"""Whatever the catalogue lets a question combine is a statement that the guard lets through and the database runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, count

import pytest

from dash_agent.context.business import CohortMetric
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import WrongUse
from dash_agent.models.query import Grain, MetricQuery, Period
from dash_agent.models.sql import ResultSet
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.joins import NoPath
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.time import Calendar
from dash_agent.sql.guard import GuardSchema, Moment, guard
from dash_agent.sql.run import run
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.roles import apply_grants
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.databases import Database

HOME = load_catalog(ROOT)
MODEL, READABLE = SemanticModel(HOME), GuardSchema(HOME.readable)
TABLES = {name: HOME.counted(metric)[0].table for name, metric in HOME.metrics.items()}
COHORTS = frozenset(n for n, m in HOME.metrics.items() if any(isinstance(p, CohortMetric) for p in HOME.counted(m)))
AT_ONCE = 10
"""Metrics of one table asked for together, where every grain meets every dimension."""

CALENDAR = Calendar(NOW, ZONE)
WEEK, BEFORE = CALENDAR.previous(Grain.WEEK), CALENDAR.previous(Grain.WEEK, back=2)
CLOCKS = CALENDAR.days(CALENDAR.today.replace(month=10, day=24), CALENDAR.today.replace(month=10, day=27))
PERIODS: dict[Grain | None, Period] = {
    None: WEEK,
    Grain.HOUR: CLOCKS,
    Grain.DAY: CLOCKS,
    Grain.WEEK: CALENDAR.last_whole(Grain.WEEK, 3, with_current=True),
    Grain.MONTH: CALENDAR.last_whole(Grain.MONTH, 3, with_current=True),
    Grain.QUARTER: CALENDAR.last_whole(Grain.QUARTER, 2, with_current=True),
    Grain.YEAR: CALENDAR.current(Grain.YEAR),
    Grain.WEEKDAY: WEEK,
    Grain.HOUR_OF_DAY: CLOCKS,
}


@dataclass(frozen=True)
class Bench:
    """Compiles, judges and runs as the reader."""

    warehouse: PostgresWarehouse

    def run(self, query: MetricQuery) -> ResultSet:
        compiled = compile_query(MODEL, query, CALENDAR)
        safe = guard(compiled.tree, READABLE, Moment(NOW, ZONE.key), row_cap=100)
        result = run(safe, self.warehouse)
        assert [column.name for column in result.columns] == names(query)
        return result

    def failures(self, queries: Sequence[MetricQuery]) -> list[str]:
        """What went wrong with which of them."""
        found = []
        for query in queries:
            try:
                self.run(query)
            except Exception as error:  # noqa: BLE001
                found.append(f"{query.metrics} by {query.dimensions} {query.grain} {query.compare}: {error!r}")
        return found


def names(query: MetricQuery) -> list[str]:
    found = [*([query.grain.value] if query.grain else []), *query.dimensions]
    for metric in query.metrics:
        found += [metric, f"{metric}_previous", f"{metric}_change"] if query.compare else [metric]
    return found


@pytest.fixture(scope="module")
def bench(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("catalogue") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=200), lambda _: None)
    apply_grants(made.owner, home.readable)
    warehouse = PostgresWarehouse(made.reader, timezone=ZONE.key)
    yield Bench(warehouse)
    warehouse.close()


def dimensions_of(metric: str) -> list[str]:
    return [name for name in HOME.dimensions if applies(MODEL, metric, name)]


def chunks() -> Iterator[tuple[str, tuple[str, ...]]]:
    """A dimension, and some metrics of one table that have it."""
    for dimension in HOME.dimensions:
        for table in dict.fromkeys(TABLES.values()):
            known = [m for m in HOME.metrics if TABLES[m] == table and applies(MODEL, m, dimension)]
            for start in range(0, len(known), AT_ONCE):
                yield dimension, tuple(known[start : start + AT_ONCE])


CHUNKS = list(chunks())


def can_go_by(metric: str, grain: Grain | None) -> bool:
    return grain is None or not grain.cyclic or metric not in COHORTS


@pytest.mark.parametrize("metric", list(HOME.metrics))
def test_a_metric_is_compared_by_each_of_its_dimensions(metric: str, bench: Bench) -> None:
    by = [(), *((name,) for name in dimensions_of(metric))]
    assert bench.failures([MetricQuery((metric,), split, period=WEEK, compare=BEFORE) for split in by]) == []


@pytest.mark.parametrize("metric", list(HOME.metrics))
def test_a_metric_goes_by_every_grain(metric: str, bench: Bench) -> None:
    grains = [grain for grain in PERIODS if can_go_by(metric, grain)]
    queries = [MetricQuery((metric,), period=PERIODS[grain], grain=grain) for grain in grains]
    queries += [MetricQuery((metric,), period=WEEK, grain=g, compare=BEFORE) for g in grains if g and g.cyclic]
    assert bench.failures(queries) == []


@pytest.mark.parametrize("place", range(len(CHUNKS)), ids=[f"{d}-{m[0]}" for d, m in CHUNKS])
def test_every_metric_goes_by_every_dimension_and_grain(place: int, bench: Bench) -> None:
    dimension, metrics = CHUNKS[place]
    asked = {grain: tuple(metric for metric in metrics if can_go_by(metric, grain)) for grain in PERIODS}
    queries = [MetricQuery(m, (dimension,), period=PERIODS[grain], grain=grain) for grain, m in asked.items() if m]
    assert bench.failures(queries) == []


@pytest.mark.parametrize("tables", list(combinations(dict.fromkeys(TABLES.values()), 2)), ids="-".join)
def test_metrics_of_two_tables_meet_on_every_dimension_that_they_share(tables: tuple[str, str], bench: Bench) -> None:
    """Each time another pair, so that every kind of metric comes up in some."""
    first, second = ([metric for metric in HOME.metrics if TABLES[metric] == table] for table in tables)
    queries, turns = [], count()
    for dimension in HOME.dimensions:
        if not (applies(MODEL, first[0], dimension) and applies(MODEL, second[0], dimension)):
            continue
        turn = next(turns)
        pair = (first[turn % len(first)], second[turn % len(second)])
        grain = (None, Grain.MONTH)[turn % 2]
        queries.append(MetricQuery(pair, (dimension,), period=PERIODS[grain], grain=grain))
    assert bench.failures(queries) == []


def test_states_of_now_take_no_period(bench: Bench) -> None:
    states = [name for name, metric in HOME.metrics.items() if HOME.is_state(metric)]
    queries = [MetricQuery((m,), (d,)) for m in states for d in dimensions_of(m)]
    queries += [MetricQuery((m,)) for m in states]
    queries += [MetricQuery((m,), grain=grain) for m in states for grain in Grain]
    assert bench.failures(queries) == []


@pytest.mark.parametrize("metric", list(HOME.metrics))
def test_a_dimension_that_its_rows_do_not_have_is_refused(metric: str) -> None:
    for name in HOME.dimensions.keys() - set(dimensions_of(metric)):
        with pytest.raises(NoPath):
            compile_query(MODEL, MetricQuery((metric,), (name,), period=WEEK), CALENDAR)


@pytest.mark.parametrize("metric", sorted(COHORTS))
@pytest.mark.parametrize("grain", [Grain.WEEKDAY, Grain.HOUR_OF_DAY])
def test_a_cohort_by_a_grain_that_comes_round_again_is_refused(metric: str, grain: Grain) -> None:
    for dimensions in ((), *((name,) for name in dimensions_of(metric))):
        with pytest.raises(WrongUse, match=f"'{metric}|'subscriptions.*{grain}"):
            compile_query(MODEL, MetricQuery((metric,), dimensions, period=WEEK, grain=grain), CALENDAR)


@pytest.mark.parametrize("metric", list(HOME.metrics))
def test_a_comparison_by_buckets_of_the_calendar_is_refused(metric: str) -> None:
    for grain in Grain:
        if not grain.cyclic:
            query = MetricQuery((metric,), period=WEEK, grain=grain, compare=BEFORE)
            with pytest.raises(WrongUse, match=grain.value):
                compile_query(MODEL, query, CALENDAR)
