"""The breach forecast and its record, held against the same worked out in plain Python over the rows.

A ticket waits from its creation until it is sent, or stops in an error; it breaches where it still waits when its
target has passed. The chance of one that waits now is the share of breaches among those that came due in the 28 days
before today and waited as long as it has, in whole minutes: of its category where there are `breach_min_past`, else of
its urgency.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import psycopg
import pytest

from dash_agent.bootstrap import Running
from dash_agent.context.catalog import Catalog
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.plan import PatternPlan
from dash_agent.reports.breaches import breaches, track_record
from dash_agent.reports.narrowing import ALL, Narrowing, pattern
from dash_agent.reports.view import View
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.reporting import ADMIN, viewed
from tests.e2e.scopes import NARROWED, ScopedDesk

TARGETS = {"high": 10, "medium": 20, "low": 60}
LIKELY, ENOUGH = 50, 30
TODAY = NOW.astimezone(ZONE).date()
OPEN = ("Data collected", "AI Answered", "Draft Created", "Escalated")

CATEGORIES = ("shipping_inquiry", "payment_issue", "other")
CHANNELS = ("chat", "email")
COUNTRIES = ("US", "DE")


@dataclass(frozen=True)
class Ticket:
    ticket_id: int
    urgency: str
    category: str
    channel: str
    country: str | None
    status: str
    created: datetime
    sent: datetime | None
    updated: datetime

    @property
    def due(self) -> datetime:
        return self.created + timedelta(minutes=TARGETS[self.urgency])

    @property
    def ended(self) -> datetime | None:
        return self.sent or (self.updated if self.status == "Error" else None)

    @property
    def breached(self) -> bool:
        return self.ended is None or self.ended > self.due

    def waited(self, minutes: int) -> bool:
        """Whether it was still waiting in its minute `minutes`."""
        return self.breached or (self.ended or self.due) - self.created >= timedelta(minutes=minutes)


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def chance(like: Ticket, age: int, past: Sequence[Ticket]) -> tuple[Decimal | None, int, bool]:
    """In %, how many tickets it rests on, and whether they are of the category."""
    alike = [ticket for ticket in past if ticket.urgency == like.urgency and ticket.waited(age)]
    own = [ticket for ticket in alike if ticket.category == like.category]
    by_category = len(own) >= ENOUGH
    found = own if by_category else alike
    if not found:
        return None, 0, False
    return Decimal(100 * sum(ticket.breached for ticket in found)) / len(found), len(found), by_category


def minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def known_before(day: date, tickets: Sequence[Ticket]) -> list[Ticket]:
    return [ticket for ticket in tickets if day - timedelta(days=28) <= day_of(ticket.due) < day]


def tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def risks_of(tickets: Sequence[Ticket], meant: Callable[[Ticket], bool]) -> list[tuple[object, ...]]:
    past = known_before(TODAY, tickets)
    found = []
    waiting = [t for t in tickets if t.status in OPEN and t.sent is None and t.created <= NOW < t.due and meant(t)]
    for ticket in sorted(waiting, key=lambda t: (t.due, t.ticket_id)):
        percent, count, by_category = chance(ticket, minutes(NOW - ticket.created), past)
        likely = percent is not None and percent >= LIKELY
        shown = None if percent is None else tenth(percent)
        found.append((ticket.ticket_id, shown, count, by_category, likely))
    return found


def record_of(tickets: Sequence[Ticket], meant: Callable[[Ticket], bool]) -> list[tuple[date, int, int, int, int]]:
    """Each ticket is looked at once: at the first full hour after it came in, by what was known when the day began."""
    found = {TODAY - timedelta(days=back): [0, 0, 0, 0] for back in range(28, 0, -1)}
    known = {day: known_before(day, tickets) for day in found}
    for ticket in filter(meant, tickets):
        hour = ticket.created.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        gone = ticket.ended is not None and ticket.ended <= hour
        day = day_of(hour)
        if hour >= ticket.due or gone or ticket.due > NOW or day not in found:
            continue
        percent, _, _ = chance(ticket, minutes(hour - ticket.created), known[day])
        named = percent is not None and percent >= LIKELY
        for place, counts in enumerate((True, ticket.breached, named, named and ticket.breached)):
            found[day][place] += counts
    return [(day, *counts) for day, counts in found.items()]


# A desk of its own


def made_tickets(count: int) -> Iterator[Ticket]:
    """Of sixty-one days: quick and slow ones, some never sent, some that stop in an error; and some that wait now."""
    dice = random.Random(7)
    for number in range(1, count + 1):
        recent = number % 20 == 0
        urgency, category = (
            dice.choice(list(TARGETS)),
            dice.choices(CATEGORIES, (1, 1, 1) if recent else (60, 30, 2))[0],
        )
        back = dice.uniform(0, 40) if recent else dice.uniform(0, 61 * 24 * 60)
        created = NOW - timedelta(minutes=round(back, 3))
        slow = {"shipping_inquiry": 45, "payment_issue": 12, "other": 25}[category]
        ended = created + timedelta(minutes=round(dice.expovariate(1 / slow), 3))
        kind = dice.choices(("Sent", "Escalated", "Draft Created", "Error"), (16, 2, 1, 1))[0]
        if kind == "Sent" and ended > NOW:
            kind = "AI Answered"
        sent = ended if kind == "Sent" else None
        updated = min(ended, NOW) if kind != "Escalated" else created
        country = dice.choice((*COUNTRIES, None))
        yield Ticket(number, urgency, category, dice.choice(CHANNELS), country, kind, created, sent, updated)
    # At the very edges: sent when due, a whole minute after creation, created on a full hour.
    hour = NOW - timedelta(days=3)
    for number, (created, took) in enumerate(
        ((hour, 60.0), (hour, 60.001), (hour - timedelta(minutes=7), 7.0), (hour - timedelta(minutes=1), 5.0)),
        count + 1,
    ):
        sent = created + timedelta(minutes=took)
        yield Ticket(number, "low", "other", "chat", None, "Sent", created, sent, sent)


@pytest.fixture(scope="module")
def tickets() -> Sequence[Ticket]:
    return tuple(made_tickets(4_000))


@pytest.fixture(scope="module")
def waiting_desk(fresh_database: Callable[[], Database], tickets: Sequence[Ticket]) -> Database:
    made = fresh_database()
    with psycopg.connect(made.owner) as connection, connection.cursor() as cursor:
        for number, country in enumerate(COUNTRIES, 1):
            cursor.execute(
                "INSERT INTO customers (customer_id, full_name, email, country, language, created_at)"
                " VALUES (%s, 'A', %s, %s, 'en', %s)",
                (number, f"a{number}@example.com", country, NOW - timedelta(days=90)),
            )
        with cursor.copy(
            "COPY support_threads_data (ticket_id, thread_key, channel, language, subject, customer_id, request_type,"
            " urgency, status, created_at, sent_at, updated_at) FROM STDIN"
        ) as copy:
            for ticket in tickets:
                customer = COUNTRIES.index(ticket.country) + 1 if ticket.country else None
                copy.write_row(
                    (
                        *(ticket.ticket_id, f"k{ticket.ticket_id}", ticket.channel, "en", "s", customer),
                        *(ticket.category, ticket.urgency, ticket.status, ticket.created, ticket.sent, ticket.updated),
                    )
                )
    return made


@pytest.fixture(scope="module")
def on(home: Catalog) -> Iterator[Callable[[Database], View]]:
    """A view of another database."""
    with ExitStack() as stack:
        yield lambda database: stack.enter_context(viewed(database, home))


@pytest.fixture(scope="module")
def view(waiting_desk: Database, on: Callable[[Database], View]) -> View:
    return on(waiting_desk)


NARROWINGS: Mapping[str, tuple[Narrowing, Callable[[Ticket], bool]]] = {
    "all": (ALL, lambda ticket: True),
    "chat": (Narrowing.of({"channel": ["chat"]}), lambda ticket: ticket.channel == "chat"),
    "one country, two categories": (
        Narrowing.of({"country": ["DE"], "request_type": ["other", "payment_issue"]}),
        lambda ticket: ticket.country == "DE" and ticket.category != "shipping_inquiry",
    ),
}


@pytest.mark.parametrize("name", NARROWINGS)
def test_the_forecast_is_what_past_tickets_of_its_kind_did(name: str, view: View, tickets: Sequence[Ticket]) -> None:
    narrowing, meant = NARROWINGS[name]
    found = breaches(view, narrowing)
    expected = risks_of(tickets, meant)
    assert len(expected) > 3
    assert [(r.ticket_id, r.chance, r.past, r.by_category, r.likely) for r in found.risks] == expected


def test_the_forecast_goes_by_urgency_alone_where_a_category_is_too_rare(view: View, tickets: Sequence[Ticket]) -> None:
    expected = risks_of(tickets, lambda ticket: True)
    assert {by_category for *_, by_category, _ in expected} == {True, False}
    assert {likely for *_, likely in expected} == {True, False}


def test_the_forecast_says_how_much_time_is_left(view: View, tickets: Sequence[Ticket]) -> None:
    found = breaches(view)
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    for risk in found.risks:
        ticket = by_id[risk.ticket_id]
        assert risk.due_at == ticket.due
        left = Decimal((ticket.due - NOW).total_seconds()) / 60
        assert abs(risk.minutes_left - left) <= Decimal("0.0501")
        assert (risk.urgency, risk.category, risk.status) == (ticket.urgency, ticket.category, ticket.status)
    assert found.likely == LIKELY
    assert found.fewest == ENOUGH


@pytest.mark.parametrize("name", NARROWINGS)
def test_the_record_is_that_of_each_day_by_what_was_known(name: str, view: View, tickets: Sequence[Ticket]) -> None:
    narrowing, meant = NARROWINGS[name]
    found = track_record(view, narrowing)
    expected = record_of(tickets, meant)
    assert [(d.day, d.waiting, d.breached, d.named, d.right) for d in found.days] == expected
    waiting, breached, named, right = (sum(day[place] for day in expected) for place in range(1, 5))
    assert 0 < right < named < waiting
    assert (found.waiting, found.breached, found.named, found.right) == (waiting, breached, named, right)
    assert found.hit_rate == tenth(Decimal(100 * right) / named)
    assert found.found == tenth(Decimal(100 * right) / breached)
    assert found.usual == tenth(Decimal(100 * breached) / waiting)


def test_an_empty_desk_has_nothing_to_foretell(
    fresh_database: Callable[[], Database], on: Callable[[Database], View]
) -> None:
    view = on(fresh_database())
    assert breaches(view).risks == ()
    found = track_record(view)
    assert len(found.days) == 28
    assert (found.waiting, found.hit_rate, found.found, found.usual) == (0, None, None, None)


@pytest.mark.parametrize("scope", NARROWED)
def test_a_scope_forecasts_by_its_own_rows(
    scope: str, staffed_by_scope: Running, scoped_desk: ScopedDesk, on: Callable[[Database], View]
) -> None:
    """As on a copy of the database that holds those rows alone, at a moment when one of them waits."""
    narrowed = NARROWED[scope]
    with psycopg.connect(scoped_desk.parts[scope].owner) as connection:
        row = connection.execute(
            "SELECT max(created_at) FROM support_threads_data WHERE status = 'Escalated' AND sent_at IS NULL"
        ).fetchone()
    assert row is not None
    moment = row[0] + timedelta(minutes=2)
    seen = View.of(staffed_by_scope.dash, narrowed.principal, moment, "en")
    alone = View.of(on(scoped_desk.parts[scope]).dash, ADMIN, moment, "en")
    assert breaches(seen).risks
    assert breaches(seen).risks == breaches(alone).risks
    assert track_record(seen).days == track_record(alone).days


def test_a_filter_that_a_pattern_has_no_place_for_is_refused(home: Catalog) -> None:
    with pytest.raises(WrongUse, match="model"):
        pattern(home, "breach_risk", Narrowing.of({"model": ["gpt-5.1"]}))
    with pytest.raises(UnknownName, match="no_such"):
        pattern(home, "no_such", ALL)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Which tickets are likely to breach their response target?", "breach_risk"),
        ("Покажи тикеты под угрозой срыва срока", "breach_risk"),
        ("What is the hit rate of the breach forecast?", "breach_forecast_hits"),
        ("Насколько точен прогноз нарушений срока?", "breach_forecast_hits"),
    ],
)
def test_it_can_be_asked_for(question: str, name: str, view: View) -> None:
    plan = view.dash.ask(question, ADMIN, now=NOW).plan
    assert isinstance(plan, PatternPlan)
    assert plan.name == name
    assert dict(plan.parameters) == dict(pattern(view.catalog, name, ALL).parameters)
