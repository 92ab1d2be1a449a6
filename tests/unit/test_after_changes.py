"""What became worse since a change of ours: all that came since, against the days before, in histories drawn here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from dash_agent.context.alerts import After, Alert
from dash_agent.context.catalog import Catalog
from dash_agent.insight.wording import Wording
from dash_agent.models.alarm import TellingKind, cause_json, cause_of
from dash_agent.models.alert import Cause, Finding
from dash_agent.reports.alert_render import message, telling
from dash_agent.reports.alerts.look import looked_back
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.windows import DAYS, Seen, Wanted, names_of
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE

CATEGORIES = ("shipping_inquiry", "payment_issue", "skip_month")
HOURS = 24 * (DAYS + 6)
END = NOW.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
AFTER = {"table": "ai_answerer_instructions", "dimension": "request_type", "value": "type", "watch": 72}
RULE = Alert.model_validate(
    {
        "name": "since",
        "title": {"en": "Worse since the instructions changed", "ru": "Хуже после смены инструкций"},
        "kind": "anomaly",
        "look": "0 * * * *",
        "after": AFTER,
        "metrics": ["penalty"],
        "samples": {"penalty": "comparisons"},
        "direction": "worse",
        "min_sample": 3,
        "false_discovery": 0.05,
    }
)


@dataclass
class Drawn:
    """By hour, the first one ends HOURS before the last: some nine comparisons a day in each category."""

    values: Mapping[str, Floats]
    changed: Sequence[tuple[str, datetime]]
    asked: list[After] = field(default_factory=list)

    def read(self, wanted: Sequence[Wanted], now: datetime) -> tuple[Seen, ...]:
        return tuple(self._seen(one) for one in wanted)

    def _seen(self, wanted: Wanted) -> Seen:
        back = round((END.replace(tzinfo=None) - wanted.window.end.replace(tzinfo=None)) / timedelta(hours=1))
        stops = HOURS - back - 24 * np.arange(DAYS + 1)
        starts = stops - wanted.window.hours

        def summed(rows: Floats) -> Floats:
            sums = np.concatenate([np.zeros((len(rows), 1)), rows.cumsum(axis=1)], axis=1)
            return sums[:, np.clip(stops, 0, HOURS)] - sums[:, np.clip(starts, 0, HOURS)]

        return Seen(CATEGORIES, {name: summed(self.values[name]) for name in names_of(wanted)})

    def changes(self, after: After, since: datetime, until: datetime) -> Sequence[tuple[str, datetime]]:
        self.asked.append(after)
        return self.changed


def drawn(seed: int, added: float, *changed: tuple[str, datetime], hours: int = 20) -> Drawn:
    """added: to the penalty of payment_issue in the last so many hours."""
    rng = np.random.default_rng(seed)
    number = rng.poisson(9 / 24, (len(CATEGORIES), HOURS)).astype(float)
    points = np.full(number.shape, 20.0)
    points[1, HOURS - hours :] += added
    total = np.where(number > 0, rng.gamma(2.0 * np.maximum(number, 1), points / 2), 0.0)
    return Drawn({"penalty": total, "comparisons": number}, changed)


def found(reader: Drawn, home: Catalog, **changes: object) -> list[Finding]:
    judged = RULE.model_copy(update=changes)
    (looked,) = looked_back([(Calendar(NOW, ZONE), [judged])], home, reader)
    return [one for cause in looked.causes for one in (cause.chief, *cause.also)]


CHANGED = END - timedelta(hours=20, minutes=25)


def test_what_is_worse_since_a_change_is_found_within_a_day(home: Catalog) -> None:
    hits = [found(drawn(seed, 40, ("payment_issue", CHANGED)), home) for seed in range(20)]
    assert sum(map(bool, hits)) >= 16
    (first,) = next(filter(None, hits))
    assert first.segment[0].values == ("payment_issue",)
    assert first.changed_at == CHANGED
    # From the first hour that is wholly after it.
    assert (first.start, first.end, first.since) == (END - timedelta(hours=20), END, END - timedelta(hours=20))
    assert first.expected == pytest.approx(20, rel=0.2)


def test_only_what_was_changed_lately_is_looked_at(home: Catalog) -> None:
    assert not found(drawn(3, 60), home)
    assert not found(drawn(3, 60, ("skip_month", CHANGED)), home)
    assert not found(drawn(3, 60, ("payment_issue", END - timedelta(hours=80))), home)
    assert not found(drawn(3, 60, ("payment_issue", END + timedelta(hours=2))), home), "the clock of a row was ahead"
    assert not found(drawn(3, 60, ("payment_issue", END - timedelta(minutes=10))), home), "no hour has passed"


def test_what_is_better_is_not_told(home: Catalog) -> None:
    assert not [one for seed in range(20) for one in found(drawn(seed, -12, ("payment_issue", CHANGED)), home)]


def test_a_harmless_change_is_seldom_told(home: Catalog) -> None:
    """At one look about one in twenty."""
    told = sum(bool(found(drawn(seed, 0, ("payment_issue", CHANGED)), home)) for seed in range(100))
    assert told <= 10


def test_everything_since_the_change_counts_until_the_watch_ends(home: Catalog) -> None:
    """A little worse for two and a half days is found where the last day alone says nothing."""
    began = END - timedelta(hours=60)
    makes = [drawn(seed, 9, ("payment_issue", began), hours=60) for seed in range(20)]
    since = [found(one, home, false_discovery=0.01) for one in makes]
    usual = [found(one, home, after=None, by=["request_type"], false_discovery=0.01) for one in makes]
    assert sum(map(bool, since)) >= 10
    assert sum(map(bool, since)) > sum(map(bool, usual))
    assert {one.sample > 12 for own in since for one in own} == {True}, "two and a half days of them"


@pytest.mark.parametrize(("language", "said"), [("en", "Since a change of"), ("ru", "После изменения")])
def test_a_message_says_since_which_change(home: Catalog, language: str, said: str) -> None:
    hits = [one for seed in range(9) for one in found(drawn(seed, 25, ("payment_issue", CHANGED)), home)]
    cause = Cause(hits[0])
    assert cause_of(cause_json(cause)) == cause
    told = telling(Wording(home, language, ZONE), RULE, cause, TellingKind.FIRST, (), "https://dash.example.com")
    text = repr(message(told, "telegram", "x"))
    assert said in text
    assert {"en": "the days before the change", "ru": "дни до изменения"}[language] in text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "We changed something there"), ("ru", "Здесь мы кое-что изменили")]
)
def test_another_rule_s_message_names_the_change_too(home: Catalog, language: str, said: str) -> None:
    hits = [one for seed in range(9) for one in found(drawn(seed, 25, ("payment_issue", CHANGED)), home)]
    chief = replace(hits[0], changed_at=None, rule="answer_quality")
    elsewhere = replace(hits[0], segment=())
    for also, is_named in (((hits[0],), True), ((elsewhere,), False), ((), False)):
        wording = Wording(home, language, ZONE)
        told = telling(wording, RULE, Cause(chief, also), TellingKind.FIRST, (), "https://dash.example.com")
        assert (said in repr(message(told, "telegram", "x"))) is is_named


def test_a_cause_that_was_kept_before_has_no_change(home: Catalog) -> None:
    kept = cause_json(Cause(found(drawn(1, 60, ("payment_issue", CHANGED)), home)[0]))
    del kept["chief"]["changed_at"]
    assert cause_of(kept).chief.changed_at is None
