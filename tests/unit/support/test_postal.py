"""Addresses in parts."""

from __future__ import annotations

import pytest

from support_agent.tools import postal

GOOD = {"recipient": "Ada Example", "street": "Lime Street 5", "flat": "", "postal_code": "10115", "town": "Berlin"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *[("Germany", "DE"), ("deutschland", "DE"), ("de", "DE"), ("Россия", "RU"), ("ИЗРАИЛЬ", "IL"), ("ישראל", "IL")],
        *[
            ("United  States", "US"),
            ("États-Unis", "US"),
            ("España", "ES"),
            ("Atlantis", None),
            ("xx", None),
            ("", None),
        ],
    ],
)
def test_countries_are_named_in_any_of_our_languages(name: str, code: str | None) -> None:
    assert postal.country_code(name) == code


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [
        ("US", "62799-1234", "6279"),
        ("GB", "ls1 4ap", "12345"),
        ("RU", "420000", "42000"),
        ("IL", "6100000", "610000"),
        ("CA", "K1A 0B1", "K1A0B"),
        ("NL", "3511 AB", "3511"),
        ("BR", "80000-000", "800"),
        ("AU", "3220", "32200"),
        ("ZZ", "AB-12", "!"),
    ],
)
def test_postal_codes_are_those_of_the_country(country: str, good: str, bad: str) -> None:
    assert postal.wrong_parts({**GOOD, "postal_code": good}, country) == ()
    assert postal.wrong_parts({**GOOD, "postal_code": bad}, country) == ("postal_code",)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("street", "Lime Street"),
        ("street", "12"),
        ("street", "Lime Street 5\nand more"),
        ("street", "Lime Street 5 https://example.com/1"),
        ("street", "Lime Street 5 " + "x" * 80),
        ("recipient", "<script>alert(1)</script>"),
        ("recipient", "ada@example.com"),
        ("recipient", "1"),
        ("town", "Berlin {town}"),
        ("town", "12345"),
    ],
)
def test_what_is_no_address_is_named(part: str, text: str) -> None:
    assert postal.wrong_parts({**GOOD, part: text}, "DE") == (part,)


@pytest.mark.parametrize(
    "street", ["ул. Садовая, д. 5", "הרצל 12", "12 rue de l'Église", "Calle nº 3", "Unit 4/12 Oak Ave"]
)
def test_streets_of_many_kinds_are_taken(street: str) -> None:
    assert postal.wrong_parts({**GOOD, "street": street}, "DE") == ()


def test_one_line_and_the_same_place() -> None:
    line = postal.Address("Ada Example", "Lime Street 5", "10115", "Berlin", "DE", "3 B").line
    assert line == "Ada Example, Lime Street 5, 3 B, 10115 Berlin, DE"
    assert postal.same_place(line, "ada example lime street 5, 3 b - 10115 BERLIN (DE)")
    assert not postal.same_place(line, line.replace("5", "6"))
