"""Metrics of rows that a count tells apart, of weekdays and hours, and shares of a part: against hand-written SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import ListPlan, MetricPlan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import (
    Among,
    Condition,
    Filter,
    Grain,
    Having,
    ListQuery,
    MetricQuery,
    Op,
    Order,
)
from dash_agent.warehouse.roles import apply_grants
from tests.conftest import NOW
from tests.e2e.databases import Database
from tests.gold import gold_rows, plain
from tests.traps.rows import OCTOBER, Asker, Rows, inserting, period, utc

ANALYST = Principal("analyst@example.com", Role.ANALYST)
SEPTEMBER = period("2026-09-01", "2026-10-01")
ESCALATED, NOT_ESCALATED = Among("escalated"), Among("escalated", counts=False)
WEEKEND = Filter("weekday", Op.IN, (6, 7))
URGENT = Filter("urgency", Op.IN, ("high",))
WHATSAPP = Filter("channel", Op.IN, ("whatsapp",))


@dataclass(frozen=True)
class Case:
    """gold: SQL that gives the answer's rows in their order."""

    query: MetricQuery
    gold: str


def of_october(*metrics: str, **parts: object) -> MetricQuery:
    return replace(MetricQuery(metrics, period=OCTOBER), **parts)  # type: ignore[arg-type]


def share_of(part: Condition, *dimensions: str, metric: str = "tickets", **parts: object) -> MetricQuery:
    return of_october(metric, dimensions=dimensions, share=True, part=(part,), **parts)


def within(moment: str, first: str = "2026-10-01", after: str = "2026-11-01") -> str:
    bounds = (f"timestamptz '{day} 00:00 Asia/Jerusalem'" for day in (first, after))
    return "({0} >= {1} AND {0} < {2})".format(moment, *bounds)


def weekday(moment: str) -> str:
    return f"extract(isodow FROM {moment} AT TIME ZONE 'Asia/Jerusalem')"


AMONG = {
    "the average of rows that a count counts": Case(
        of_october("csat", among=(ESCALATED,)),
        f"""SELECT round(avg(csat), 2) FROM support_threads_data
        WHERE {within("created_at")} AND escalated_at IS NOT NULL""",
    ),
    "and of those that it does not": Case(
        of_october("csat", among=(NOT_ESCALATED,)),
        f"""SELECT round(avg(csat), 2) FROM support_threads_data
        WHERE {within("created_at")} AND escalated_at IS NULL""",
    ),
    "what is neither true nor false is not counted": Case(
        of_october("messages", dimensions=("role",), among=(Among("thumbs_down", counts=False),)),
        f"""SELECT role, count(*) FROM support_dialogs
        WHERE {within("created_at")} AND NOT (role = 'ai' AND feedback IS NOT NULL AND feedback = -1)
        GROUP BY role ORDER BY count(*) DESC, role""",
    ),
    "two conditions both hold": Case(
        of_october("tickets", dimensions=("channel",), among=(ESCALATED, Among("resolved", counts=False))),
        f"""SELECT channel, count(*) FROM support_threads_data
        WHERE {within("created_at")} AND escalated_at IS NOT NULL AND draft_created_at IS NULL
        GROUP BY channel ORDER BY count(*) DESC, channel""",
    ),
    "over a join, by the rows' own time": Case(
        of_october("messages", dimensions=("role",), among=(ESCALATED,)),
        f"""SELECT m.role, count(*) FROM support_dialogs m JOIN support_threads_data t USING (ticket_id)
        WHERE {within("m.created_at")} AND t.escalated_at IS NOT NULL
        GROUP BY m.role ORDER BY count(*) DESC, m.role""",
    ),
    "over a join, beside a filter and a split over others": Case(
        of_october("comparisons", dimensions=("country",), filters=(WHATSAPP,), among=(Among("resolved"),)),
        f"""SELECT u.country, count(*) FROM ai_human_comparison c JOIN support_threads_data t USING (ticket_id)
        LEFT JOIN customers u ON u.customer_id = t.customer_id
        WHERE {within("c.created_at")} AND t.draft_created_at IS NOT NULL AND t.channel = 'whatsapp'
        GROUP BY u.country ORDER BY count(*) DESC, u.country""",
    ),
    "both sides of a ratio": Case(
        of_october("resolution_rate", dimensions=("channel",), among=(ESCALATED,)),
        f"""SELECT channel, round(100.0 * count(draft_created_at) / nullif(count(ai_answered_at), 0), 1)
        FROM support_threads_data WHERE {within("created_at")} AND escalated_at IS NOT NULL
        GROUP BY channel
        ORDER BY 100.0 * count(draft_created_at) / nullif(count(ai_answered_at), 0) DESC NULLS LAST, channel""",
    ),
    "a ratio over distinct tickets": Case(
        of_october("messages_per_ticket", among=(NOT_ESCALATED,)),
        f"""SELECT round(count(*)::numeric / count(DISTINCT m.ticket_id), 2)
        FROM support_dialogs m JOIN support_threads_data t USING (ticket_id)
        WHERE {within("m.created_at")} AND t.escalated_at IS NULL""",
    ),
    "a percentile": Case(
        of_october("response_time", among=(Among("several_intents"),), parameters=(("percentile", Decimal("0.9")),)),
        f"""SELECT round((percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - created_at) / 60))
            ::numeric, 1)
        FROM support_threads_data
        WHERE {within("created_at")} AND sent_at IS NOT NULL AND secondary_request_type IS NOT NULL""",
    ),
    "a median of a derived table's rows": Case(
        of_october("time_to_first_message", among=(ESCALATED,)),
        f"""SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.first - t.created_at) / 60))
            ::numeric, 1)
        FROM support_threads_data t
        JOIN (SELECT ticket_id, min(created_at) AS first FROM support_dialogs WHERE role <> 'customer'
            GROUP BY ticket_id) r USING (ticket_id)
        WHERE {within("t.created_at")} AND t.escalated_at IS NOT NULL""",
    ),
    "two periods": Case(
        of_october("tickets", dimensions=("channel",), among=(ESCALATED,), compare=SEPTEMBER),
        f"""SELECT channel, count(*) FILTER (WHERE {within("created_at")}),
            count(*) FILTER (WHERE {within("created_at", "2026-09-01", "2026-10-01")}),
            count(*) FILTER (WHERE {within("created_at")})
                - count(*) FILTER (WHERE {within("created_at", "2026-09-01", "2026-10-01")})
        FROM support_threads_data
        WHERE {within("created_at", "2026-09-01", "2026-11-01")} AND escalated_at IS NOT NULL
        GROUP BY channel ORDER BY 2 DESC, channel""",
    ),
    "a series keeps the days that have none": Case(
        of_october("tickets", grain=Grain.DAY, among=(ESCALATED,), filters=(WHATSAPP,)),
        f"""SELECT day::date, count(ticket_id)
        FROM generate_series(date '2026-10-01', date '2026-10-31', interval '1 day') day
        LEFT JOIN support_threads_data ON (created_at AT TIME ZONE 'Asia/Jerusalem')::date = day::date
            AND {within("created_at")} AND escalated_at IS NOT NULL AND channel = 'whatsapp'
        GROUP BY day ORDER BY day""",
    ),
    "metrics of two tables": Case(
        of_october("tickets", "messages", dimensions=("channel",), among=(ESCALATED,)),
        f"""SELECT channel, t.tickets, m.messages
        FROM (SELECT channel, count(*) AS tickets FROM support_threads_data
            WHERE {within("created_at")} AND escalated_at IS NOT NULL GROUP BY channel) t
        FULL JOIN (SELECT channel, count(*) AS messages FROM support_dialogs d
            JOIN support_threads_data s USING (ticket_id)
            WHERE {within("d.created_at")} AND s.escalated_at IS NOT NULL GROUP BY channel) m USING (channel)
        ORDER BY tickets DESC, channel""",
    ),
    "a condition without its own time": Case(
        of_october("tickets", among=(Among("errors"),)),
        f"""SELECT count(*) FROM support_threads_data WHERE {within("created_at")} AND status = 'Error'""",
    ),
    "a metric with its own time": Case(
        of_october("errors", among=(NOT_ESCALATED,)),
        f"""SELECT count(*) FROM support_threads_data
        WHERE {within("updated_at")} AND status = 'Error' AND escalated_at IS NULL""",
    ),
    "boxes of subscriptions": Case(
        of_october("shipments", dimensions=("carrier",), among=(Among("cancelled_subscriptions"),)),
        f"""SELECT carrier, count(*) FROM shipments b JOIN subscriptions s USING (subscription_id)
        WHERE {within("coalesce(b.shipped_at, b.box_month::timestamp AT TIME ZONE 'Asia/Jerusalem')")}
            AND s.status = 'cancelled'
        GROUP BY carrier ORDER BY count(*) DESC, carrier""",
    ),
    "rows of a state of now need no period": Case(
        MetricQuery(("cost",), dimensions=("channel",), among=(Among("backlog"),)),
        """SELECT channel, round(sum(coalesce(cost_usd, 0)), 2) FROM support_threads_data
        WHERE status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated') AND sent_at IS NULL
        GROUP BY channel ORDER BY sum(coalesce(cost_usd, 0)) DESC, channel""",
    ),
    "a condition's constant is replaced": Case(
        MetricQuery(("tickets",), among=(Among("stuck"),), parameters=(("stuck_hours", 48),)),
        """SELECT count(*) FROM support_threads_data
        WHERE status IN ('Data collected', 'AI Answered', 'Draft Created')
            AND updated_at < :now - interval '48 hours'""",
    ),
    "members of a cohort": Case(
        of_october("subscriptions_at_start", among=(Among("active_subscriptions", counts=False),)),
        """SELECT count(*) FROM subscriptions
        WHERE started_at < timestamptz '2026-10-01 00:00 Asia/Jerusalem' AND status <> 'active'
            AND (cancelled_at IS NULL OR cancelled_at >= timestamptz '2026-10-01 00:00 Asia/Jerusalem')""",
    ),
}

SHARES = {
    "of a value, in each group": Case(
        share_of(URGENT, "channel"),
        f"""SELECT channel, count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel
        ORDER BY 100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*) DESC, channel""",
    ),
    "of a count, with the null group": Case(
        share_of(ESCALATED, "country"),
        f"""SELECT c.country, count(t.escalated_at), round(100.0 * count(t.escalated_at) / count(*), 1)
        FROM support_threads_data t LEFT JOIN customers c USING (customer_id)
        WHERE {within("t.created_at")} GROUP BY c.country
        ORDER BY 100.0 * count(t.escalated_at) / count(*) DESC, c.country""",
    ),
    "of what a count does not count": Case(
        share_of(Among("thumbs_down", counts=False), "role", metric="messages"),
        f"""SELECT role, count(*) - count(*) FILTER (WHERE role = 'ai' AND feedback = -1),
            round(100.0 * (count(*) - count(*) FILTER (WHERE role = 'ai' AND feedback = -1)) / count(*), 1)
        FROM support_dialogs WHERE {within("created_at")} GROUP BY role
        ORDER BY 1.0 * (count(*) - count(*) FILTER (WHERE role = 'ai' AND feedback = -1)) / count(*) DESC, role""",
    ),
    "over a join": Case(
        share_of(ESCALATED, "role", metric="messages"),
        f"""SELECT m.role, count(t.escalated_at), round(100.0 * count(t.escalated_at) / count(*), 1)
        FROM support_dialogs m JOIN support_threads_data t USING (ticket_id) WHERE {within("m.created_at")}
        GROUP BY m.role ORDER BY 100.0 * count(t.escalated_at) / count(*) DESC, m.role""",
    ),
    "of everything": Case(
        share_of(URGENT),
        f"""SELECT count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")}""",
    ),
    "of a sum": Case(
        share_of(ESCALATED, "channel", metric="cost"),
        f"""SELECT channel, round(coalesce(sum(cost_usd) FILTER (WHERE escalated_at IS NOT NULL), 0), 2),
            round(100 * coalesce(sum(cost_usd) FILTER (WHERE escalated_at IS NOT NULL), 0) / sum(cost_usd), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel
        ORDER BY coalesce(sum(cost_usd) FILTER (WHERE escalated_at IS NOT NULL), 0) / sum(cost_usd) DESC, channel""",
    ),
    "by week": Case(
        share_of(ESCALATED, grain=Grain.WEEK),
        f"""SELECT date_trunc('week', created_at AT TIME ZONE 'Asia/Jerusalem')::date AS week,
            count(escalated_at), round(100.0 * count(escalated_at) / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY week ORDER BY week""",
    ),
    "by month in each group": Case(
        share_of(URGENT, "channel", grain=Grain.MONTH, period=period("2026-08-01", "2026-11-01")),
        f"""SELECT date_trunc('month', created_at AT TIME ZONE 'Asia/Jerusalem')::date AS month, channel,
            count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data WHERE {within("created_at", "2026-08-01")}
        GROUP BY month, channel ORDER BY month, channel""",
    ),
    "filters and conditions beside it narrow the whole": Case(
        share_of(URGENT, "country", filters=(WHATSAPP,), among=(Among("resolved"),)),
        f"""SELECT c.country, count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data t LEFT JOIN customers c USING (customer_id)
        WHERE {within("t.created_at")} AND channel = 'whatsapp' AND draft_created_at IS NOT NULL GROUP BY c.country
        ORDER BY 100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*) DESC, c.country""",
    ),
    "a filter on the split narrows the groups": Case(
        share_of(URGENT, "channel", filters=(WHATSAPP,)),
        f"""SELECT channel, count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} AND channel = 'whatsapp' GROUP BY channel""",
    ),
    "two conditions make one part": Case(
        of_october("tickets", dimensions=("channel",), share=True, part=(URGENT, NOT_ESCALATED)),
        f"""SELECT channel, count(*) FILTER (WHERE urgency = 'high' AND escalated_at IS NULL),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high' AND escalated_at IS NULL) / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel
        ORDER BY 1.0 * count(*) FILTER (WHERE urgency = 'high' AND escalated_at IS NULL) / count(*) DESC, channel""",
    ),
    "all but a value, nulls with them": Case(
        share_of(Filter("country", Op.NOT_IN, ("US",)), "channel"),
        f"""SELECT channel, count(*) FILTER (WHERE c.country IS DISTINCT FROM 'US'),
            round(100.0 * count(*) FILTER (WHERE c.country IS DISTINCT FROM 'US') / count(*), 1)
        FROM support_threads_data t LEFT JOIN customers c USING (customer_id)
        WHERE {within("t.created_at")} GROUP BY channel
        ORDER BY 1.0 * count(*) FILTER (WHERE c.country IS DISTINCT FROM 'US') / count(*) DESC, channel""",
    ),
    "of the weekends": Case(
        share_of(WEEKEND, "channel"),
        f"""SELECT channel, count(*) FILTER (WHERE {weekday("created_at")} IN (6, 7)),
            round(100.0 * count(*) FILTER (WHERE {weekday("created_at")} IN (6, 7)) / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel
        ORDER BY 1.0 * count(*) FILTER (WHERE {weekday("created_at")} IN (6, 7)) / count(*) DESC, channel""",
    ),
    "of a state of now": Case(
        MetricQuery(("backlog",), ("channel",), share=True, part=(Among("stuck"),)),
        """SELECT channel, count(*) FILTER (WHERE stuck), round(100.0 * count(*) FILTER (WHERE stuck) / count(*), 1)
        FROM (SELECT channel, status <> 'Escalated' AND updated_at < :now - interval '24 hours' AS stuck
            FROM support_threads_data WHERE sent_at IS NULL
            AND status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')) waiting
        GROUP BY channel ORDER BY 1.0 * count(*) FILTER (WHERE stuck) / count(*) DESC, channel""",
    ),
    "ordered by share, the lowest three": Case(
        share_of(ESCALATED, "country", order=(Order("tickets_share", desc=False),), limit=3, drop_null_groups=True),
        f"""SELECT c.country, count(t.escalated_at), round(100.0 * count(t.escalated_at) / count(*), 1)
        FROM support_threads_data t JOIN customers c USING (customer_id)
        WHERE {within("t.created_at")} GROUP BY c.country
        ORDER BY 100.0 * count(t.escalated_at) / count(*), c.country LIMIT 3""",
    ),
    "ordered by the part": Case(
        share_of(URGENT, "channel", order=(Order("tickets"),)),
        f"""SELECT channel, count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel ORDER BY 2 DESC, channel""",
    ),
    "above a share that is not rounded": Case(
        share_of(URGENT, "channel", having=(Having("tickets_share", Op.GT, 18),)),
        f"""SELECT channel, count(*) FILTER (WHERE urgency = 'high'),
            round(100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel
        HAVING 100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*) > 18
        ORDER BY 100.0 * count(*) FILTER (WHERE urgency = 'high') / count(*) DESC, channel""",
    ),
    "above a share of the whole": Case(
        of_october("tickets", dimensions=("channel",), share=True, having=(Having("tickets_share", Op.GE, 15),)),
        f"""SELECT channel, count(*), round(100.0 * count(*) / sum(count(*)) OVER (), 1)
        FROM support_threads_data WHERE {within("created_at")} GROUP BY channel
        ORDER BY count(*) DESC, channel LIMIT (SELECT count(*) FROM (
            SELECT 100.0 * count(*) / sum(count(*)) OVER () AS share FROM support_threads_data
            WHERE {within("created_at")} GROUP BY channel) shares WHERE share >= 15)""",
    ),
}

CLOCKS = {
    "weekends": Case(
        of_october("tickets", filters=(WEEKEND,)),
        f"""SELECT count(*) FROM support_threads_data
        WHERE {within("created_at")} AND {weekday("created_at")} IN (6, 7)""",
    ),
    "all days but two, in each group": Case(
        of_october("csat", dimensions=("channel",), filters=(Filter("weekday", Op.NOT_IN, (6, 7)),)),
        f"""SELECT channel, round(avg(csat), 2) FROM support_threads_data
        WHERE {within("created_at")} AND {weekday("created_at")} < 6
        GROUP BY channel ORDER BY avg(csat) DESC NULLS LAST, channel""",
    ),
    "office hours": Case(
        of_october("tickets", filters=(Filter("hour_of_day", Op.GE, (9,)), Filter("hour_of_day", Op.LT, (18,)))),
        f"""SELECT count(*) FROM support_threads_data WHERE {within("created_at")}
        AND (created_at AT TIME ZONE 'Asia/Jerusalem')::time >= '09:00'
        AND (created_at AT TIME ZONE 'Asia/Jerusalem')::time < '18:00'""",
    ),
    "weekday and hour, two periods": Case(
        of_october("messages", filters=(WEEKEND, Filter("hour_of_day", Op.IN, (20, 21))), compare=SEPTEMBER),
        f"""SELECT count(*) FILTER (WHERE {within("created_at")}),
            count(*) FILTER (WHERE NOT {within("created_at")}),
            count(*) FILTER (WHERE {within("created_at")}) - count(*) FILTER (WHERE NOT {within("created_at")})
        FROM support_dialogs WHERE {within("created_at", "2026-09-01", "2026-11-01")}
        AND {weekday("created_at")} IN (6, 7)
        AND extract(hour FROM created_at AT TIME ZONE 'Asia/Jerusalem') IN (20, 21)""",
    ),
    "of the moment that the metric goes by": Case(
        of_october("errors", "tickets", filters=(Filter("weekday", Op.IN, (1,)),)),
        f"""SELECT count(*) FILTER (WHERE status = 'Error' AND {within("updated_at")} AND {weekday("updated_at")} = 1),
            count(*) FILTER (WHERE {within("created_at")} AND {weekday("created_at")} = 1)
        FROM support_threads_data""",
    ),
    "boxes that were not shipped go by their month": Case(
        of_october("shipments", dimensions=("status",), filters=(Filter("weekday", Op.IN, (4,)),)),
        f"""SELECT status, count(*) FROM (SELECT status,
            coalesce(shipped_at, box_month::timestamp AT TIME ZONE 'Asia/Jerusalem') AS moment FROM shipments) boxes
        WHERE {within("moment")} AND {weekday("moment")} = 4
        GROUP BY status ORDER BY count(*) DESC, status""",
    ),
    "the Sunday of 25 hours": Case(
        of_october("tickets", period=period("2026-10-24", "2026-10-27"), filters=(Filter("weekday", Op.IN, (7,)),)),
        f"SELECT count(*) FROM support_threads_data WHERE {within('created_at', '2026-10-25', '2026-10-26')}",
    ),
    "the Friday of 23 hours": Case(
        of_october("tickets", period=period("2026-03-26", "2026-03-29"), filters=(Filter("weekday", Op.IN, (5,)),)),
        f"SELECT count(*) FROM support_threads_data WHERE {within('created_at', '2026-03-27', '2026-03-28')}",
    ),
    "among rows of another table": Case(
        of_october("messages", among=(ESCALATED,), filters=(WEEKEND,)),
        f"""SELECT count(*) FROM support_dialogs m JOIN support_threads_data t USING (ticket_id)
        WHERE {within("m.created_at")} AND {weekday("m.created_at")} IN (6, 7) AND t.escalated_at IS NOT NULL""",
    ),
}

CASES = {f"{kind} {name}": case for kind, cases in (("among", AMONG), ("share", SHARES), ("clock", CLOCKS))
         for name, case in cases.items()}  # fmt: skip


def answered(dash: Dash, plan: MetricPlan | ListPlan) -> Answer:
    answer = dash.answer(plan, ANALYST, now=NOW)
    assert answer.status is Status.ANSWERED, answer.text
    return answer


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_answer_is_what_the_gold_says(case: Case, dash: Dash, desk: Database) -> None:
    gold = gold_rows(desk.owner, case.gold, NOW)
    assert any(cell for row in gold for cell in row[-1:]), "a gold of nothing decides nothing"
    answer = answered(dash, MetricPlan(case.query))
    assert [tuple(map(plain, row)) for row in answer.rows] == gold, answer.sql


def test_conditions_change_what_is_counted(dash: Dash) -> None:
    """What is counted and what is not are all rows together."""
    counted, others, every = (
        answered(dash, MetricPlan(of_october("tickets", among=among))).rows[0][0]
        for among in ((ESCALATED,), (NOT_ESCALATED,), ())
    )
    assert isinstance(counted, int)
    assert isinstance(others, int)
    assert 0 < counted < others
    assert counted + others == every


@pytest.mark.parametrize(
    ("among", "condition"),
    [
        ((ESCALATED,), "escalated_at IS NOT NULL"),
        ((NOT_ESCALATED, Among("resolved")), "escalated_at IS NULL AND draft_created_at IS NOT NULL"),
    ],
)
def test_a_list_holds_the_rows_that_counts_tell_apart(
    among: tuple[Among, ...], condition: str, dash: Dash, desk: Database
) -> None:
    query = ListQuery("support_threads_data", ("ticket_id",), period=SEPTEMBER, among=among, limit=50)
    september = within("created_at", "2026-09-01", "2026-10-01")
    gold = gold_rows(
        desk.owner,
        f"SELECT ticket_id FROM support_threads_data WHERE {september} AND {condition}"
        " ORDER BY updated_at, ticket_id LIMIT 50",
        NOW,
    )
    assert len(gold) > 10
    assert [tuple(map(plain, row)) for row in answered(dash, ListPlan(query)).rows] == gold


@pytest.fixture(scope="module")
def clocks(fresh_database: Callable[[], Database], home: Catalog) -> Iterator[tuple[Rows, Asker]]:
    """An empty database: a few hand-written rows and who asks about them."""
    made = fresh_database()
    apply_grants(made.owner, home.readable)
    asker = Asker(made, home)
    with inserting(made) as rows:
        yield rows, asker
    asker.close()


def test_an_hour_that_comes_twice_is_filtered_twice(clocks: tuple[Rows, Asker]) -> None:
    """On 2026-10-25 the clock shows 01:30 at 22:30 and at 23:30 UTC."""
    rows, ask = clocks
    rows.clear()
    for moment in ("21:30", "22:30", "23:30"):
        rows.ticket(utc(f"2026-10-24 {moment}"))
    rows.ticket(utc("2026-10-25 00:30"))
    night = MetricQuery(("tickets",), period=period("2026-10-25", "2026-10-26"))
    found = {hour: ask(replace(night, filters=(Filter("hour_of_day", Op.IN, (hour,)),))) for hour in (0, 1, 2)}
    assert found == {0: [(1,)], 1: [(2,)], 2: [(1,)]}


def test_an_hour_that_is_skipped_has_no_rows(clocks: tuple[Rows, Asker]) -> None:
    """On 2026-03-27 the clock goes from 01:59 to 03:00, at midnight UTC."""
    rows, ask = clocks
    rows.clear()
    rows.ticket(utc("2026-03-26 23:59"))
    rows.ticket(utc("2026-03-27 00:00"))
    night = MetricQuery(("tickets",), period=period("2026-03-27", "2026-03-28"))
    found = {hour: ask(replace(night, filters=(Filter("hour_of_day", Op.IN, (hour,)),))) for hour in (1, 2, 3)}
    assert found == {1: [(1,)], 2: [(0,)], 3: [(1,)]}


def test_a_weekday_is_that_of_the_business_clock(clocks: tuple[Rows, Asker]) -> None:
    """22:30 UTC of a Saturday is Sunday in Jerusalem; so is the last hour of the Sunday of 25 hours, 21:30 UTC."""
    rows, ask = clocks
    rows.clear()
    for moment in ("2026-10-24 20:30", "2026-10-24 22:30", "2026-10-25 21:30", "2026-10-25 22:30"):
        rows.ticket(utc(moment))
    days = MetricQuery(("tickets",), period=period("2026-10-24", "2026-10-27"))
    found = {day: ask(replace(days, filters=(Filter("weekday", Op.IN, (day,)),))) for day in (6, 7, 1)}
    assert found == {6: [(1,)], 7: [(2,)], 1: [(1,)]}
    assert ask(replace(days, share=True, part=(Filter("weekday", Op.IN, (7,)),))) == [(2, Decimal("50.0"))]


def test_a_share_of_a_group_without_any_is_zero_and_of_nothing_is_none(clocks: tuple[Rows, Asker]) -> None:
    rows, ask = clocks
    rows.clear()
    rows.ticket(utc("2026-10-05 09:00"), channel="email", escalated_at=utc("2026-10-05 10:00"))
    rows.ticket(utc("2026-10-05 09:00"), channel="email")
    rows.ticket(utc("2026-10-05 09:00"), channel="chat")
    shares = share_of(ESCALATED, "channel")
    assert ask(shares) == [("email", 1, Decimal("50.0")), ("chat", 0, Decimal("0.0"))]
    assert ask(replace(shares, dimensions=(), period=SEPTEMBER)) == [(0, None)]


def test_a_condition_over_a_join_multiplies_nothing(clocks: tuple[Rows, Asker]) -> None:
    """Three messages of one ticket are three; the ticket's price is counted once."""
    rows, ask = clocks
    rows.clear()
    ticket = rows.ticket(utc("2026-10-05 09:00"), cost_usd=Decimal("0.5"), escalated_at=utc("2026-10-05 10:00"))
    other = rows.ticket(utc("2026-10-05 09:00"), cost_usd=Decimal("0.25"))
    for minute in (1, 2, 3):
        rows.message(ticket, utc(f"2026-10-05 09:0{minute}"))
    rows.message(other, utc("2026-10-05 09:04"))
    assert ask(of_october("messages", "cost", among=(ESCALATED,))) == [(3, Decimal("0.50"))]
    assert ask(of_october("messages", "cost", among=(NOT_ESCALATED,))) == [(1, Decimal("0.25"))]


def test_the_text_says_what_was_left_out(dash: Dash) -> None:
    """Named as if they were meant, excluded days would make a right number a wrong answer."""
    kept = answered(dash, MetricPlan(of_october("tickets", filters=(WEEKEND,)))).text
    without = answered(dash, MetricPlan(of_october("tickets", filters=(Filter("weekday", Op.NOT_IN, (6, 7)),)))).text
    assert "(Saturday, Sunday)" in kept
    assert "Saturday" in without
    assert "(Saturday, Sunday)" not in without


def test_the_text_of_a_share_tells_the_share(dash: Dash) -> None:
    answer = answered(dash, MetricPlan(share_of(URGENT, "channel")))
    assert f"{answer.rows[0][-1]}%" in answer.text
