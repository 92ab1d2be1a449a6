"""The words of the messages: templates by language and category, and their rendering for a chunk of tickets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from dash_agent.warehouse.demo.copytext import NEVER, escape
from dash_agent.warehouse.demo.course import Course
from dash_agent.warehouse.demo.opening import Opening
from dash_agent.warehouse.demo.people import Customers
from dash_agent.warehouse.demo.vocabulary import Json, data_file, vocabulary

Templates: TypeAlias = tuple[str, ...]
_BREAK = escape("\n\n")


@dataclass(frozen=True, slots=True)
class TextBook:
    """The templates of a language, COPY-escaped. Placeholders: {name} {month} {carrier} {agent}.

    opening: category x subtype; a category's last entry has them all, for tickets without a subtype.
    further: the customer's next question, the AI's answer to it, a person's.
    """

    months: Templates
    greeting: Templates
    greeting_stranger: Templates
    closing: Templates
    subject: tuple[Templates, ...]
    opening: tuple[tuple[Templates, ...], ...]
    also: Templates
    answer: tuple[Templates, ...]
    human: tuple[Templates, ...]
    takeover: Templates
    thanks: Templates
    further: tuple[Templates, ...]


@cache
def text_book(language: str) -> TextBook:
    data = data_file("messages", f"{language}.json")
    words = vocabulary()

    def per_category(key: str) -> tuple[Templates, ...]:
        return tuple(_templates(data[key][category]) for category in words.category)

    openings = []
    for category, names in zip(words.category, words.subtype, strict=True):
        of_subtype = [_templates(data["opening"][category][name]) for name in names]
        openings.append((*of_subtype, tuple(text for texts in of_subtype for text in texts)))
    single = {
        key: _templates(data[key])
        for key in ("months", "greeting", "greeting_stranger", "closing", "takeover", "thanks")
    }
    return TextBook(
        **single,
        further=tuple(_templates([item["question"], item["ai"], item["human"]]) for item in data["further"]),
        also=_templates([data["also"][category] for category in words.category]),
        subject=per_category("subject"),
        opening=tuple(openings),
        answer=per_category("answer"),
        human=per_category("human"),
    )


def _templates(texts: Json) -> Templates:
    return tuple(escape(text) for text in texts)


@dataclass(frozen=True)
class Texts:
    """One text a ticket, COPY-escaped; '' where the course has none."""

    subject: Sequence[str]
    opening: Sequence[str]
    answer: Sequence[str]
    human: Sequence[str]
    follow: Sequence[str]
    reply: Sequence[str]


def write_texts(rng: np.random.Generator, opening: Opening, course: Course, customers: Customers) -> Texts:
    columns = list(zip(*_written(rng, opening, course, customers), strict=True))
    return Texts(*columns) if columns else Texts([], [], [], [], [], [])


def _written(
    rng: np.random.Generator, opening: Opening, course: Course, customers: Customers
) -> Iterator[tuple[str, str, str, str, str, str]]:
    words = vocabulary()
    books = [text_book(language) for language in words.language]
    email = words.channel.index("email")
    dice = rng.random((len(opening), 7)).tolist()
    facts = zip(
        opening.language.tolist(), opening.category.tolist(), opening.subtype.tolist(), opening.secondary.tolist(),
        opening.month.tolist(), opening.carrier.tolist(), opening.customer.tolist(), opening.channel.tolist(),
        course.agent.tolist(), (course.answered_ms < NEVER).tolist(), (course.human_ms < NEVER).tolist(),
        (course.sent_ms < NEVER).tolist(), (course.follow_ms < NEVER).tolist(), (course.reply_ms < NEVER).tolist(),
        course.reply_by_ai.tolist(), dice, strict=True,
    )  # fmt: skip
    for (
        language, category, subtype, secondary, month_code, carrier_code, customer, channel,
        agent_code, answered, by_human, sent, follows, replied, by_ai, u,
    ) in facts:  # fmt: skip
        book = books[language]
        month, carrier = book.months[month_code], words.carrier[carrier_code]
        name = customers.called(customer, language) if customer >= 0 else ""
        greeting = _one(book.greeting, u[0]).format(name=name) if name else _one(book.greeting_stranger, u[0])
        first = _one(book.opening[category][subtype], u[1]).format(month=month, carrier=carrier)
        if secondary >= 0:
            first = f"{first} {book.also[secondary].format(month=month)}"
        if channel == email and name:
            first = f"{first}{_BREAK}{name}"
        answer = human = follow = reply = ""
        if answered:
            body = _one(book.answer[category], u[2]).format(month=month, carrier=carrier)
            answer = f"{greeting} {body} {_one(book.closing, u[3])}"
        if by_human:
            own = _one(book.human[category] if sent else book.takeover, u[4]).format(month=month, carrier=carrier)
            human = f"{greeting} {own}{_BREAK}{words.agent[agent_code]}"
        if replied:
            follow, by_model, by_person = book.further[int(u[5] * len(book.further))]
            reply = by_model if by_ai else by_person
        elif follows:
            follow = _one(book.thanks, u[5])
        yield _one(book.subject[category], u[6]).format(month=month), first, answer, human, follow, reply


def _one(templates: Templates, u: float) -> str:
    return templates[int(u * len(templates))]
