"""Zero denominators, sums over nothing, text numbers, percentiles of few values, and the last digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dash_agent.models.query import MetricQuery, Order
from tests.traps.rows import A_DAY, NOVEMBER, OCTOBER, Asker, Rows, at

MINUTE = timedelta(minutes=1)


def test_a_zero_denominator_gives_null(rows: Rows, ask: Asker) -> None:
    """Neither 0 nor an error, and null in the change, too."""
    rows.ticket(at("2026-11-03"))
    rows.ticket(at("2026-10-03"), ai_answered_at=A_DAY)
    metrics = ("resolution_rate", "auto_send_rate", "cost_per_ticket")
    assert ask(MetricQuery(metrics, period=NOVEMBER)) == [(None, None, None)]
    compared = MetricQuery(("resolution_rate",), period=NOVEMBER, compare=OCTOBER)
    assert ask(compared) == [(None, Decimal("0.0"), None)]


def test_nothing_at_all(rows: Rows, ask: Asker) -> None:
    """An empty database: 0 for counts and sums, null for everything else, no groups."""
    metrics = (
        "tickets", "cost", "tokens", "hours_saved", "csat", "response_time", "escalation_rate", "comparisons",
        "penalty", "ai_win_rate", "messages_per_ticket", "ai_latency", "tasks", "task_success_rate", "shipments",
        "delivery_days", "cancellations", "churn_rate",
    )  # fmt: skip
    zero = Decimal(0)
    expected = (0, zero, zero, zero, None, None, None, 0, None, None, None, None, 0, None, 0, None, 0, None)
    assert ask(MetricQuery(metrics, period=NOVEMBER)) == [expected]
    assert ask(MetricQuery(("tickets", "csat"), ("channel",), period=NOVEMBER)) == []
    assert ask(MetricQuery(("backlog", "pending_approvals", "active_subscriptions"))) == [(0, 0, 0)]


def test_a_sum_over_nulls_is_0(rows: Rows, ask: Asker) -> None:
    rows.ticket(cost_usd=None, prompt_tokens=None, completion_tokens=None)
    assert ask(MetricQuery(("cost", "tokens"), ("channel",), period=NOVEMBER)) == [("email", Decimal(0), Decimal(0))]


def test_tokens_take_null_as_0(rows: Rows, ask: Asker) -> None:
    """prompt + null is null: the sum would lose the 100."""
    rows.ticket(prompt_tokens=100, completion_tokens=None)
    rows.ticket(prompt_tokens=None, completion_tokens=7)
    assert ask(MetricQuery(("tokens",), period=NOVEMBER)) == [(Decimal(107),)]


def test_a_null_is_no_satisfaction_of_0(rows: Rows, ask: Asker) -> None:
    for csat in (5, None, 4, None):
        rows.ticket(csat=csat)
    assert ask(MetricQuery(("csat",), period=NOVEMBER)) == [(Decimal("4.50"),)]


def test_a_group_with_rows_and_no_value_is_shown(rows: Rows, ask: Asker) -> None:
    """WHERE csat IS NOT NULL would lose chat; WHERE escalated_at IS NOT NULL would lose e-mail."""
    rows.ticket(channel="email", csat=3)
    rows.ticket(channel="chat", escalated_at=A_DAY)
    query = MetricQuery(("csat", "escalated"), ("channel",), period=NOVEMBER)
    assert ask(query) == [("email", Decimal("3.00"), 0), ("chat", None, 1)]


@pytest.mark.parametrize("blank", ["", " ", "\t", None])
def test_a_blank_penalty_is_left_out(blank: str | None, rows: Rows, ask: Asker) -> None:
    """'' cast to a number is an error, and taken as 0 it would make 20 of 30."""
    for score in ("20", blank, "40"):
        rows.comparison(rows.ticket(), penalty_score=score)
    assert ask(MetricQuery(("penalty", "comparisons"), period=NOVEMBER)) == [(Decimal("30.00"), 3)]


def test_penalties_are_numbers_and_not_words(rows: Rows, ask: Asker) -> None:
    """As words '9' is more than '10'; some have blanks around them or decimals."""
    for score in ("9", "10", " 12.5 ", "0"):
        rows.comparison(rows.ticket(), penalty_score=score)
    assert ask(MetricQuery(("penalty",), period=NOVEMBER)) == [(Decimal("7.88"),)]  # 31.5 / 4 = 7.875


def test_only_blank_penalties_are_no_penalty(rows: Rows, ask: Asker) -> None:
    rows.comparison(rows.ticket(), penalty_score="")
    assert ask(MetricQuery(("penalty",), period=NOVEMBER)) == [(None,)]


@pytest.mark.parametrize(
    ("minutes", "median", "ninetieth", "average"),
    [
        ([], None, None, None),
        ([7], "7.0", "7.0", "7.0"),
        ([10, 20], "15.0", "19.0", "15.0"),
        ([10, 20, 90], "20.0", "76.0", "40.0"),  # 20 + 0.8 × 70
        ([1, 2, 4, 100], "3.0", "71.2", "26.8"),  # 4 + 0.7 × 96; 107 / 4 = 26.75
    ],
)
def test_percentiles_of_few(
    minutes: list[int], median: str | None, ninetieth: str | None, average: str | None, rows: Rows, ask: Asker
) -> None:
    """Between two values in proportion, so percentile_disc is another number. Tickets that were not sent are none."""
    for number in minutes:
        rows.ticket(A_DAY, sent_at=A_DAY + number * MINUTE)
    rows.ticket(A_DAY)

    def asked(*parameters: tuple[str, object]) -> list[tuple[object, ...]]:
        return ask(MetricQuery(("response_time",), period=NOVEMBER, parameters=parameters))  # type: ignore[arg-type]

    def one(text: str | None) -> list[tuple[Decimal | None]]:
        return [(None if text is None else Decimal(text),)]

    assert asked() == one(median)
    assert asked(("percentile", Decimal("0.9"))) == one(ninetieth)
    assert asked(("aggregate", "average")) == one(average)


def test_a_median_of_groups_is_over_their_rows(rows: Rows, ask: Asker) -> None:
    """Medians 1 and 10 have no median of 5.5: of 1, 1, 1, 10 it is 1."""
    for number in (1, 1, 1):
        rows.ticket(channel="email", sent_at=A_DAY + number * MINUTE)
    rows.ticket(channel="chat", sent_at=A_DAY + 10 * MINUTE)
    assert ask(MetricQuery(("response_time",), period=NOVEMBER)) == [(Decimal("1.0"),)]


def test_the_median_of_latencies_is_the_ais(rows: Rows, ask: Asker) -> None:
    """Whole milliseconds, half away from zero: of 801 and 802 it is 802."""
    ticket = rows.ticket()
    for latency in (801, 802, None):
        rows.message(ticket, role="ai", latency_ms=latency)
    rows.message(ticket, role="human", latency_ms=5)
    assert ask(MetricQuery(("ai_latency",), period=NOVEMBER)) == [(Decimal(802),)]


def test_delivery_days_are_of_24_hours(rows: Rows, ask: Asker) -> None:
    """Over the long Sunday noon to noon is 25 hours, 1.04 days; three days and a bit over it are 73 hours."""
    rows.shipment(shipped_at=at("2026-10-24 12:00"), delivered_at=at("2026-10-27 12:00"))
    rows.shipment(shipped_at=at("2026-10-24 12:00"), delivered_at=at("2026-10-25 12:00"), status="returned")
    rows.shipment(shipped_at=at("2026-10-24 12:00"), status="lost")
    assert ask(MetricQuery(("delivery_days",), period=OCTOBER)) == [(Decimal("3.0"),)]  # 73 / 24 = 3.0417
    rows.shipment(shipped_at=at("2026-10-24 12:00"), delivered_at=at("2026-10-25 13:00"))
    assert ask(MetricQuery(("delivery_days",), period=OCTOBER)) == [(Decimal("2.1"),)]  # (73 + 26) / 2 / 24 = 2.0625


def test_hours_saved_count_a_ticket_once(rows: Rows, ask: Asker) -> None:
    """An auto-sent ticket is resolved, too: 8 minutes and not 12. 8 + 4 + 4 minutes are 0.2667 hours."""
    rows.ticket(auto_sent=True, draft_created_at=A_DAY, sent_at=A_DAY)
    rows.ticket(draft_created_at=A_DAY)
    rows.ticket(draft_created_at=A_DAY, sent_at=A_DAY)
    rows.ticket()
    assert ask(MetricQuery(("hours_saved",), period=NOVEMBER)) == [(Decimal("0.3"),)]


def test_rounding_is_half_away_from_zero(rows: Rows, ask: Asker) -> None:
    """1 of 8 is 12.5 %, 1 of 16 is 6.25 %: 6.3 and not the even 6.2; a change of −6.25 points is −6.3."""
    rows.ticket(at("2026-11-03"), escalated_at=A_DAY)
    rows.tickets(15, at("2026-11-04"))
    rows.ticket(at("2026-10-03"), escalated_at=A_DAY)
    rows.tickets(7, at("2026-10-04"))
    query = MetricQuery(("escalation_rate",), period=NOVEMBER, compare=OCTOBER)
    assert ask(query) == [(Decimal("6.3"), Decimal("12.5"), Decimal("-6.3"))]


def test_a_change_is_of_unrounded_values(rows: Rows, ask: Asker) -> None:
    """2 of 3 after 1 of 12: 66.6667 − 8.3333 = 58.3333, where 66.7 − 8.3 would be 58.4."""
    for number, total, moment in ((2, 3, at("2026-11-03")), (1, 12, at("2026-10-03"))):
        rows.tickets(number, moment, escalated_at=A_DAY)
        rows.tickets(total - number, moment)
    query = MetricQuery(("escalation_rate",), period=NOVEMBER, compare=OCTOBER)
    assert ask(query) == [(Decimal("66.7"), Decimal("8.3"), Decimal("58.3"))]


def test_a_change_of_exactly_a_half_is_rounded_away_from_zero(rows: Rows, ask: Asker) -> None:
    """1 of 3 after 1 of 1,200: 33.25 points, so 33.3. The server keeps 16 digits of the one and 20 of the other,
    and their difference is 33.24999999999999996667."""
    rows.ticket(at("2026-11-03"), escalated_at=A_DAY)
    rows.tickets(2, at("2026-11-04"))
    rows.ticket(at("2026-10-03"), escalated_at=A_DAY)
    rows.tickets(1_199, at("2026-10-04"))
    query = MetricQuery(("escalation_rate",), period=NOVEMBER, compare=OCTOBER)
    assert ask(query) == [(Decimal("33.3"), Decimal("0.1"), Decimal("33.3"))]


def test_equal_rates_of_unequal_counts_tie(rows: Rows, ask: Asker) -> None:
    """1 of 3, 2 of 6 and 4 of 12 are the same: ties go by name."""
    for channel, number in (("telegram", 1), ("chat", 2), ("email", 4)):
        rows.tickets(number, channel=channel, escalated_at=A_DAY)
        rows.tickets(2 * number, channel=channel)
    third = Decimal("33.3")
    query = MetricQuery(("escalation_rate",), ("channel",), period=NOVEMBER)
    assert ask(query) == [("chat", third), ("email", third), ("telegram", third)]


def test_equal_averages_tie_at_any_size(rows: Rows, ask: Asker) -> None:
    """32 / 29 and 11,040 / 10,005 are both 1.1034…; the server divides the one to 16 digits, 1.1034482758620690, and
    the other to 20, 1.10344827586206896552, which is less."""
    for channel, times in (("telegram", 1), ("chat", 345)):
        rows.tickets(26 * times, channel=channel, csat=1)
        rows.tickets(3 * times, channel=channel, csat=2)
    query = MetricQuery(("csat",), ("channel",), period=NOVEMBER)
    assert ask(query) == [("chat", Decimal("1.10")), ("telegram", Decimal("1.10"))]
    first = MetricQuery(("csat",), ("channel",), period=NOVEMBER, order=(Order("csat"),), limit=1, with_ties=True)
    assert len(ask(first)) == 2


def test_equal_rates_tie_at_any_size(rows: Rows, ask: Asker) -> None:
    """32 of 2,900 and 128 of 11,600 are 1.1034… %: 16 digits of the one, 20 of the other."""
    for channel, times in (("telegram", 1), ("chat", 4)):
        rows.tickets(32 * times, channel=channel, escalated_at=A_DAY)
        rows.tickets(2_868 * times, channel=channel)
    query = MetricQuery(("escalation_rate",), ("channel",), period=NOVEMBER, limit=1, with_ties=True)
    assert ask(query) == [("chat", Decimal("1.1")), ("telegram", Decimal("1.1"))]


def test_hours_that_are_equal_tie(rows: Rows, ask: Asker) -> None:
    """One auto-sent ticket saves as much as two resolved ones: 8 / 60 is 4 / 60 + 4 / 60, and 20 digits of each row
    are not."""
    rows.ticket(channel="email", auto_sent=True)
    rows.tickets(2, channel="whatsapp", draft_created_at=A_DAY)
    rows.tickets(2, channel="chat", draft_created_at=A_DAY)
    query = MetricQuery(("hours_saved",), ("channel",), period=NOVEMBER)
    assert [channel for channel, _ in ask(query)] == ["chat", "email", "whatsapp"]
    share = MetricQuery(("hours_saved",), ("channel",), period=NOVEMBER, share=True)
    assert [part for *_, part in ask(share)] == [Decimal("33.3")] * 3


def test_medians_that_are_equal_tie(rows: Rows, ask: Asker) -> None:
    """1.2 minutes, and half-way between 1.1 and 1.3, which in binary is a bit more."""
    for channel, seconds in (("telegram", (66, 78)), ("chat", (72,)), ("email", (72,))):
        for second in seconds:
            rows.ticket(channel=channel, sent_at=A_DAY + timedelta(seconds=second))
    query = MetricQuery(("response_time",), ("channel",), period=NOVEMBER)
    assert [channel for channel, _ in ask(query)] == ["chat", "email", "telegram"]


def test_a_median_half_way_is_rounded_away_from_zero(rows: Rows, ask: Asker) -> None:
    """Of 9 and 45 seconds it is 0.45 minutes, which in binary is a bit less: 0.5 and not 0.4."""
    for seconds in (9, 45):
        rows.ticket(sent_at=A_DAY + timedelta(seconds=seconds))
    assert ask(MetricQuery(("response_time",), period=NOVEMBER)) == [(Decimal("0.5"),)]


def test_costs_are_summed_before_they_are_rounded(rows: Rows, ask: Asker) -> None:
    """Three times 0.00334 is 0.01002, and three times 0.00 would be nothing."""
    rows.tickets(3, cost_usd=Decimal("0.00334"), ai_answered_at=A_DAY)
    rows.ticket(cost_usd=Decimal("0.00498"))
    # All of the cost, 0.015, over the answered tickets.
    assert ask(MetricQuery(("cost", "cost_per_ticket"), period=NOVEMBER)) == [(Decimal("0.02"), Decimal("0.0050"))]
