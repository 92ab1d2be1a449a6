"""What alerts find in histories that are made up here: incidents, quiet weeks, gaps, holidays, grouping, drivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb, exp, factorial
from typing import Any

import numpy as np
import pytest

from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.alert import Cause, Finding
from dash_agent.models.principal import ScopeFilter
from dash_agent.reports.alerts import tails
from dash_agent.reports.alerts.discovery import correlations, discovered, together
from dash_agent.reports.alerts.driver import with_driver
from dash_agent.reports.alerts.look import Looked, looked_back
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.windows import DAYS, Seen, Wanted, names_of
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE

CATEGORIES = ("shipping_inquiry", "payment_issue", "skip_month", "other")
USUAL = np.array([66.0, 28.0, 24.0, 11.0])
RHYTHM = np.array([1.26, 1.08, 1.03, 0.99, 0.79, 0.66, 1.19])
VOLUME = {"name": "volume", "title": {"en": "Volume"}, "kind": "anomaly", "look": "0 * * * *", "metrics": ["tickets"]}
PENALTY = {**VOLUME, "name": "penalty", "metrics": ["penalty"], "samples": {"penalty": "comparisons"}, "min_sample": 4}


def rule(**changes: Any) -> Alert:
    return Alert.model_validate({**VOLUME, "by": ["request_type"], "min_sample": 10, "direction": "up", **changes})


@dataclass(frozen=True)
class Made:
    """A reader of windows that were drawn: by dimension, segments and numbers by metric."""

    drawn: Mapping[str | None, tuple[Sequence[str | None], Mapping[str, Floats]]]

    def read(self, wanted: Sequence[Wanted], now: datetime) -> tuple[Seen, ...]:
        found = []
        for one in wanted:
            segments, values = self.drawn[one.by]
            found.append(Seen(tuple(segments), {name: values[name] for name in names_of(one)}))
        return tuple(found)


def rhythm(hours: int = 24) -> Floats:
    """Of each window, as it starts."""
    first = (NOW.astimezone(ZONE).replace(minute=0) - timedelta(hours=hours)).weekday()
    return RHYTHM[(first - np.arange(DAYS + 1)) % 7]


def tickets(seed: int, changed: Callable[[Floats], None] = lambda usual: None) -> Floats:
    """Categories x windows, busier and quieter by weekday, and of a mood that each day has."""
    rng = np.random.default_rng(seed)
    usual = USUAL[:, None] * rhythm() * np.exp(rng.normal(0, 0.06, DAYS + 1))
    changed(usual)
    return rng.poisson(usual).astype(np.float64)


def looked_at(reader: Made, home: Catalog, judged: Alert) -> Looked:
    return looked_back([(Calendar(NOW, ZONE), [judged])], home, reader)[0]


def looked(drawn: Floats, home: Catalog, **changes: Any) -> Looked:
    reader = Made({"request_type": (CATEGORIES, {"tickets": drawn})})
    return looked_at(reader, home, rule(**changes))


def category(name: str) -> tuple[ScopeFilter, ...]:
    return (ScopeFilter("request_type", (name,)),)


def flood(usual: Floats) -> None:
    usual[0, 0] *= 2.2


def test_a_flood_is_found_with_its_whole_as_one_cause(home: Catalog) -> None:
    for seed in range(10):
        (cause,) = looked(tickets(seed, flood), home).causes
        assert cause.chief.segment == category("shipping_inquiry")
        assert cause.chief.expected is not None
        assert cause.chief.observed > 1.5 * cause.chief.expected
        assert {one.segment for one in cause.also} <= {()}


def test_an_incident_does_not_become_what_is_usual(home: Catalog) -> None:
    def weeks(usual: Floats) -> None:
        usual[0, :12] *= 2.2

    chief = looked(tickets(3, weeks), home).causes[0].chief
    assert chief.segment == category("shipping_inquiry")
    usual = USUAL[0] * rhythm()[0]
    assert chief.expected == pytest.approx(usual, rel=0.2)
    assert chief.since == chief.start - timedelta(days=11)


def test_quiet_desks_raise_little(home: Catalog) -> None:
    """At a false discovery rate of 5 % about one look in twenty finds something by chance."""
    found = sum(bool(looked(tickets(seed), home, false_discovery=0.05, direction="both").causes) for seed in range(150))
    assert found <= 16


def test_a_busy_weekday_is_usual(home: Catalog) -> None:
    """Its rows would be far off where all days were alike."""
    quiet = USUAL[:, None] * np.where(rhythm() == rhythm()[0], 3.0, 1.0)
    assert not looked(np.random.default_rng(1).poisson(quiet).astype(float), home).causes


def test_nothing_is_told_of_a_holiday_or_learnt_from_one(home: Catalog) -> None:
    today = NOW.astimezone(ZONE).date()
    assert not looked(tickets(1, flood), home, holidays=[today.isoformat()]).causes

    def rush(usual: Floats) -> None:
        flood(usual)
        usual[:, 10:38:2] *= 4.0

    days = [(today - timedelta(days=ago)).isoformat() for ago in range(10, 39, 2)]
    chief = looked(tickets(1, rush), home, holidays=days).causes[0].chief
    assert chief.expected == pytest.approx(USUAL[0] * rhythm()[0], rel=0.2)


def test_a_gap_of_the_load_is_not_learnt_from(home: Catalog) -> None:
    def gap(usual: Floats) -> None:
        usual[:, 5:12] *= 0.02

    assert not looked(tickets(2, gap), home, direction="both").causes
    chief = looked(tickets(2, lambda usual: (gap(usual), flood(usual))[0]), home).causes[0].chief
    assert chief.expected == pytest.approx(USUAL[0] * rhythm()[0], rel=0.2)


def test_too_few_rows_are_not_told(home: Catalog) -> None:
    def few(usual: Floats) -> None:
        usual[3, 0] *= 3

    assert looked(tickets(4, few), home).causes
    assert all(one.segment != category("other") for one in findings(looked(tickets(4, few), home, min_sample=60)))


def findings(found: Looked) -> list[Finding]:
    return [one for cause in found.causes for one in (cause.chief, *cause.also)]


def test_three_weeks_are_needed(home: Catalog) -> None:
    drawn = tickets(5, flood)
    drawn[:, 15:] = 0
    found = looked(drawn, home)
    assert (found.causes, found.checked) == ((), 0)


def test_a_small_change_of_much_is_not_worth_telling(home: Catalog) -> None:
    def more(usual: Floats) -> None:
        usual[:, 0] *= 1.5

    assert looked(1.0 * tickets(6, more), home).causes
    assert not looked(tickets(6, more), home, min_change=1.5).causes


def penalties(seed: int, added: float) -> Made:
    """Scores as a judge gives them: skewed, some dozen a day. In the first window those of payments are higher."""
    rng = np.random.default_rng(seed)
    number = rng.poisson(np.full((4, DAYS + 1), 12.0)).astype(np.float64)
    total = np.array([[rng.gamma(2.0, 10.0, int(n)).sum() for n in row] for row in number])
    total[1, 0] += added * number[1, 0]
    return Made({"request_type": (CATEGORIES, {"penalty": total, "comparisons": number})})


def test_averages_are_judged_by_their_values(home: Catalog) -> None:
    judged = rule(**{**PENALTY, "direction": "worse"})
    hits = misses = 0
    for seed in range(40):
        found = looked_at(penalties(seed, 22.0), home, judged)
        hits += any(one.chief.segment == category("payment_issue") for one in found.causes)
        misses += bool(looked_at(penalties(seed, 0.0), home, judged).causes)
    assert hits >= 28
    assert misses <= 3


def test_rates_are_parts_of_their_wholes(home: Catalog) -> None:
    rng = np.random.default_rng(7)
    whole = rng.poisson(np.full((4, DAYS + 1), 60.0)).astype(np.float64)
    part = rng.binomial(whole.astype(int), 0.9).astype(np.float64)
    part[2, 0] = round(whole[2, 0] * 0.6)
    reader = Made({"request_type": (CATEGORIES, {"resolved": part, "ai_answered": whole})})
    judged = rule(metrics=["resolution_rate"], direction="worse")
    cause = looked_at(reader, home, judged).causes[0]
    assert cause.chief.segment == category("skip_month")
    assert cause.chief.observed == pytest.approx(100 * part[2, 0] / whole[2, 0])
    assert cause.chief.expected == pytest.approx(90, abs=3)
    assert not looked_at(reader, home, replace_direction(judged, "up")).causes


def replace_direction(alert: Alert, direction: str) -> Alert:
    return alert.model_copy(update={"direction": direction})


def test_the_false_discovery_rate_is_that_of_benjamini_and_hochberg() -> None:
    p = np.array([0.01, 0.02, 0.03, 0.5])
    (found,) = discovered([p])
    assert found == pytest.approx([0.04, 0.04, 0.04, 0.5])
    one, other = discovered([np.array([0.01]), np.array([0.2, 0.3, 0.5])])
    # Each of two families has half of the errors, and what one finds makes the other no less strict.
    assert one == pytest.approx([0.02])
    assert other == pytest.approx([0.9, 0.9, 1.0])


def test_signs_add_up_and_those_that_go_together_add_less() -> None:
    """Two of 1.645 standard deviations: 2.326 of the sum's where they are independent, no more than one where they
    are the same; 1.899 with a correlation of a half."""
    signs = np.array([[[0.05]], [[0.05]]])

    def of(correlation: float) -> float:
        return float(together(signs, np.array([[[1.0, correlation], [correlation, 1.0]]]))[0, 0])

    assert [of(0.0), of(0.5), of(1.0)] == pytest.approx([0.0100, 0.0288, 0.05], rel=0.02)
    missing = np.array([[[0.05, np.nan]], [[np.nan, np.nan]]])
    found = together(missing, np.ones((1, 2, 2)))
    assert found[0, 0] == pytest.approx(0.05, rel=0.01)
    assert np.isnan(found[0, 1])


def test_how_signs_go_together_is_learnt_from_what_is_usual() -> None:
    rng = np.random.default_rng(11)
    shared = rng.normal(0, 1, (1, 10, DAYS))
    one, other, alone = (shared + rng.normal(0, 1, shared.shape), shared + rng.normal(0, 1, shared.shape), shared * 0)
    alone += rng.normal(0, 1, shared.shape)
    found = correlations(np.array([one, other, alone]))[0]
    assert found[0, 1] == pytest.approx(0.5, abs=0.1)
    assert found[0, 2] == pytest.approx(0.0, abs=0.1)


def test_several_weak_signs_are_found_together(home: Catalog) -> None:
    """Each of three rates is as bad as one day in thirty is; no rule of one of them tells of it."""
    rng = np.random.default_rng(12)
    drawn: dict[str, Floats] = {}
    for part, whole, usual in (("resolved", "ai_answered", 0.9), ("ai_wins", "comparisons", 0.7)):
        drawn[whole] = np.full((4, DAYS + 1), 60.0)
        drawn[part] = rng.binomial(60, usual, (4, DAYS + 1)).astype(np.float64)
        drawn[part][1, 0] = round(60 * usual - 2.4 * (60 * usual * (1 - usual)) ** 0.5)
    signs = {"metrics": ["resolution_rate", "ai_win_rate"], "direction": "worse", "false_discovery": 0.01}
    reader = Made({"request_type": (CATEGORIES, drawn)})
    assert not looked_at(reader, home, rule(**signs)).causes
    (cause,) = looked_at(reader, home, rule(**signs, together=True)).causes
    assert cause.chief.segment == category("payment_issue")


def test_a_new_value_is_not_held_against_the_time_before_it(home: Catalog) -> None:
    """A model that began to answer ten days ago is new, and nothing that is usual for it is known."""
    drawn = tickets(13)
    drawn[3, 10:] = 0
    drawn[3, 0] = 90
    assert not [one for one in findings(looked(drawn, home)) if one.segment == category("other")]
    drawn[3, 10:30] = 11
    assert [one for one in findings(looked(drawn, home)) if one.segment == category("other")]


def test_a_rate_that_was_always_nothing_is_told_with_a_chance_in_proportion(home: Catalog) -> None:
    whole = np.full((4, DAYS + 1), 30.0)
    part = np.zeros((4, DAYS + 1))
    part[2, 0] = 1
    reader = Made({"request_type": (CATEGORIES, {"auto_sent": part, "ai_answered": whole})})
    assert not looked_at(reader, home, rule(metrics=["auto_send_rate"], direction="both")).causes
    part[2, 0] = 6
    (cause,) = looked_at(reader, home, rule(metrics=["auto_send_rate"], direction="both")).causes
    assert cause.chief.p is not None
    assert 1e-20 < cause.chief.p < 1e-6


def test_many_looks_at_once_are_each_by_itself(home: Catalog) -> None:
    """As a history is walked: what a look finds is what it finds alone."""
    drawn = tickets(14, flood)

    class Days(Made):
        def read(self, wanted: Sequence[Wanted], now: datetime) -> tuple[Seen, ...]:
            ago = (NOW.astimezone(ZONE) - wanted[0].window.end).days
            rolled = np.roll(drawn, -ago, axis=1)
            return tuple(Seen(CATEGORIES, {"tickets": rolled}) for _ in wanted)

    moments = [Calendar(NOW - timedelta(days=ago), ZONE) for ago in range(3)]
    many = looked_back([(moment, [rule()]) for moment in moments], home, Days({}))
    alone = [looked_back([(moment, [rule()])], home, Days({}))[0] for moment in moments]
    for one, single in zip(many, alone, strict=True):
        assert one.checked == single.checked
        assert [cause.key for cause in one.causes] == [cause.key for cause in single.causes]
        assert [cause.chief.p for cause in one.causes] == pytest.approx([cause.chief.p for cause in single.causes])
    assert [cause.key for cause in many[0].causes] == ["volume|request_type=shipping_inquiry"]


def cause_of(home: Catalog, excess: Mapping[str, Sequence[float]]) -> Cause:
    """All tickets, 60 instead of 40, as the driver's dimensions split them: usual and now of each value."""
    usual = [10.0, 10.0, 10.0, 10.0]
    split = {}
    for name in home.rules.drivers:
        now = excess.get(name, [15.0, 15.0, 15.0, 15.0])
        split[name] = (
            ("a", "b", "c", "d"),
            {"tickets": np.array([[n, *[u] * DAYS] for n, u in zip(now, usual, strict=True)])},
        )
    end = NOW.astimezone(ZONE).replace(minute=0)
    start = end - timedelta(hours=24)
    chief = Finding("volume", "tickets", (), start, start, end, 60.0, 40.0, 60, 1e-6)
    return with_driver(home, Cause(chief), [rule()], Made(split), NOW)


def test_a_driver_has_most_of_what_is_too_much(home: Catalog) -> None:
    assert cause_of(home, {"country": [27, 11, 11, 11]}).chief.driver == (ScopeFilter("country", ("a",)),)


def test_what_is_more_everywhere_has_no_driver(home: Catalog) -> None:
    assert cause_of(home, {}).chief.driver == ()
    assert cause_of(home, {"country": [19, 15, 14, 12]}).chief.driver == ()


@pytest.mark.parametrize(("seen", "mean"), [(15, 5.0), (1, 0.3), (90, 66.0)])
def test_tails_of_counts(seen: int, mean: float) -> None:
    below = sum(exp(-mean) * mean**k / factorial(k) for k in range(seen))
    high, low = tails.poisson_tails(np.array([float(seen)]), np.array([mean]), np.array([1.0]))
    assert high[0] == pytest.approx(1 - below, rel=1e-6)
    assert low[0] == pytest.approx(below + exp(-mean) * mean**seen / factorial(seen), rel=1e-6)


@pytest.mark.parametrize(("seen", "of", "chance"), [(9, 28, 0.11), (200, 250, 0.75), (1, 30, 0.01)])
def test_tails_of_parts(seen: int, of: int, chance: float) -> None:
    above = sum(comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(seen, of + 1))
    high, _ = tails.binomial_tails(*(np.array([float(part)]) for part in (seen, of, chance, 1.0)))
    assert high[0] == pytest.approx(above, rel=1e-6)


def test_tails_of_skewed_numbers_are_those_of_drawn_ones() -> None:
    drawn = np.random.default_rng(8).gamma(4.0, 1.0, 400_000)
    off = (drawn - 4.0) / 2.0
    high, low = tails.skewed_tails(np.array([2.5, -1.5]), np.array([1.0, 1.0]))
    assert high[0] == pytest.approx(float(np.mean(off >= 2.5)), rel=0.05)
    assert low[1] == pytest.approx(float(np.mean(off <= -1.5)), rel=0.1)


def test_a_look_is_the_same_again(home: Catalog) -> None:
    assert looked(tickets(9, flood), home) == looked(tickets(9, flood), home)


def test_moments_are_whole_hours(home: Catalog) -> None:
    chief = looked(tickets(9, flood), home, settle=2).causes[0].chief
    end: datetime = NOW.astimezone(ZONE).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    assert (chief.end, chief.start) == (end, end - timedelta(hours=24))
