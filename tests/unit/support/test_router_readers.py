"""What customers type in answer to a question."""

from __future__ import annotations

from datetime import date

import pytest

from support_agent.router.readers import (
    Answer,
    PauseLength,
    address,
    box_month,
    box_months,
    choice,
    code,
    consent,
    day,
    email,
    frequency,
    pause_length,
)

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    """yes|Yes please!|ok go ahead|yes that's right|absolutely, do it|да|Да, всё верно, спасибо|da|כן|כן, בבקשה|sí
    |Sí, por favor|oui, merci|d'accord|c'est bon pour moi|ja bitte|Genau so, danke|👍|I confirm""".split("|"),
)
def test_a_clear_yes_is_a_yes(text: str) -> None:
    assert consent(text.strip()) is Answer.YES


@pytest.mark.parametrize("text", "no|don't|нет|не надо|לא תודה|non|nein danke|no, gracias|👎|Нет, спасибо".split("|"))
def test_a_no_is_a_no(text: str) -> None:
    assert consent(text) is Answer.NO


@pytest.mark.parametrize(
    "text",
    """yes but not yet|yes?|да, но с июня|ja, aber erst im Mai|oui mais|sí, pero no ahora|כן אבל לא עכשיו|I guess|hmm
    |no problem|why not|I don't know|не знаю|да нет|of course not|yes cancel everything|sure thing, two months|maybe
    |yes, change it to 5 Oak Street|yes for 3 months||what happens then|ok if it is free|yes no""".split("|"),
)
def test_anything_else_is_no_consent(text: str) -> None:
    assert consent(text.strip()) is Answer.UNSURE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("123456", "123456"),
        ("my code is 123 456", "123456"),
        ("1-2-3-4-5-6", "123456"),
        ("١٢٣٤٥٦", "123456"),
        ("it came at 10: 482913 thanks", "482913"),
        ("one two three four five six", "123456"),
        ("ноль один два три четыре пять", "012345"),
        ("код 12 34 56", "123456"),
        ("12345", None),
        ("1234567", None),
        ("111111 or 222222", None),
        ("no code came", None),
    ],
)
def test_codes(text: str, found: str | None) -> None:
    assert code(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("me@example.com", "me@example.com"),
        ("It is Anna.B@Example.com.", "anna.b@example.com"),
        ("anna at example dot com", "anna@example.com"),
        ("anna собака example точка com", "anna@example.com"),
        ("a@example.com or b@example.com", None),
        ("I don't have one", None),
    ],
)
def test_email_addresses(text: str, found: str | None) -> None:
    assert email(text) == found


@pytest.mark.parametrize(
    ("text", "count", "found"),
    [
        ("the second one", 3, 2),
        ("2", 3, 2),
        ("первую", 2, 1),
        ("последнюю", 3, 3),
        ("die dritte", 3, 3),
        ("השנייה", 2, 2),
        ("number two please", 2, 2),
        ("la primera", 2, 1),
        ("le deuxième", 2, 2),
        ("5", 3, None),
        ("the first or the second", 3, None),
        ("whichever", 3, None),
    ],
)
def test_choices(text: str, count: int, found: int | None) -> None:
    assert choice(text, count) == found


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("the May box", date(2027, 5, 1)),
        ("next month", date(2026, 12, 1)),
        ("this month", date(2026, 11, 1)),
        ("в декабре", date(2026, 12, 1)),
        ("мартовскую", date(2027, 3, 1)),
        ("в следующем месяце", date(2026, 12, 1)),
        ("le mois prochain", date(2026, 12, 1)),
        ("Märzbox", date(2027, 3, 1)),
        ("nächsten Monat", date(2026, 12, 1)),
        ("el próximo mes", date(2026, 12, 1)),
        ("בינואר", date(2027, 1, 1)),
        ("החודש הבא", date(2026, 12, 1)),
        ("Februar 2027", date(2027, 2, 1)),
        ("November", date(2026, 11, 1)),
        ("may i skip", None),
        ("June and July", None),
        ("some time", None),
    ],
)
def test_box_months(text: str, month: date | None) -> None:
    assert box_month(text, TODAY) == month


def test_several_months_in_order() -> None:
    assert box_months("July and June", TODAY) == (date(2027, 6, 1), date(2027, 7, 1))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("two months", PauseLength(months=2)),
        ("for 3 months please", PauseLength(months=3)),
        ("a month", PauseLength(months=1)),
        ("на два месяца", PauseLength(months=2)),
        ("на месяц", PauseLength(months=1)),
        ("полгода", PauseLength(months=6)),
        ("6 weeks", PauseLength(days=42)),
        ("חודשיים", PauseLength(months=2)),
        ("שלושה חודשים", PauseLength(months=3)),
        ("dos meses", PauseLength(months=2)),
        ("un mois", PauseLength(months=1)),
        ("drei Monate", PauseLength(months=3)),
        ("3", PauseLength(months=3)),
        ("until the end of March", PauseLength(until=date(2027, 3, 31))),
        ("until March", PauseLength(until=date(2027, 2, 28))),
        ("до середины января", PauseLength(until=date(2027, 1, 15))),
        ("с декабря по февраль", PauseLength(until=date(2027, 2, 28))),
        ("jusqu'à fin janvier", PauseLength(until=date(2027, 1, 31))),
        ("bis Ende Februar", PauseLength(until=date(2027, 2, 28))),
        ("bis 15.1.", PauseLength(until=date(2027, 1, 15))),
        ("עד סוף ינואר", PauseLength(until=date(2027, 1, 31))),
        ("hasta el 10 de enero", PauseLength(until=date(2027, 1, 10))),
        ("2 or 3 months", None),
        ("a few months", None),
        ("несколько недель", None),
        ("until further notice", None),
    ],
)
def test_lengths_of_a_pause(text: str, length: PauseLength | None) -> None:
    assert pause_length(text, TODAY) == length


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("13/1", date(2027, 1, 13)),
        ("2026-12-05", date(2026, 12, 5)),
        ("December 5th", date(2026, 12, 5)),
        ("5 декабря", date(2026, 12, 5)),
        ("5/6", None),
        ("31 February", None),
    ],
)
def test_days(text: str, found: date | None) -> None:
    assert day(text, TODAY) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("every two months", "bimonthly"),
        ("2 months", "bimonthly"),
        ("через месяц", "bimonthly"),
        ("פעם בחודשיים", "bimonthly"),
        ("alle zwei Monate bitte", "bimonthly"),
        ("monthly", "monthly"),
        ("every month instead of every two months", "monthly"),
        ("cada mes", "monthly"),
        ("раз в квартал", "quarterly"),
        ("tous les trois mois", "quarterly"),
        ("weekly", None),
        ("often", None),
        ("monthly or quarterly", None),
    ],
)
def test_frequencies(text: str, found: str | None) -> None:
    assert frequency(text) == found


@pytest.mark.parametrize(
    ("text", "country", "missing"),
    [
        ("Anna Berg\nLindenstraße 12\n10115 Berlin\nGermany", "DE", ()),
        ("Jane Doe, 12 Oak Street, Springfield, IL 62704, USA", "US", ()),
        ("Иван Примеров, ул. Ленина 5, кв 12, Казань, 420111, Россия", "RU", ()),
        ("Marie Exemple, 5 rue de la Paix, 75002 Paris, France", "FR", ()),
        ("Juan Ejemplo, Calle Mayor 8, 28013 Madrid, España", "ES", ()),
        ("רחוב הרצל 10, תל אביב 6578210, ישראל", "IL", ("name",)),
        ("221b Baker Street, London NW1 6XE, UK", "GB", ("name",)),
        ("12 Oak Street", None, ("name", "postal_code", "town", "country")),
        ("Berlin", None, ("name", "street", "number", "postal_code", "country")),
    ],
)
def test_addresses(text: str, country: str | None, missing: tuple[str, ...]) -> None:
    found = address(text)
    assert (found.country, found.missing) == (country, missing)
    assert found.text not in repr(found)
