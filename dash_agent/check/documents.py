"""Documents: about something that is there, dated, and looked at when they should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.content import VALUES
from dash_agent.context.documents import ANSWERED_IN, Answers, Document
from dash_agent.context.files import nearest
from dash_agent.context.pieces import pieces

CATEGORY: Final = "request_type"
"""The dimension whose values are the request categories."""
MOST_WORDS: Final = 90
"""Of an answer for customers: a greeting and what comes next stand in the same reply."""


def dates_are_sane(subject: Subject) -> Iterator[Found]:
    """A document is reviewed before its next review, and not in the future."""
    for document in subject.documents:
        front = document.front
        if front.review_by < front.reviewed:
            said = f"the next review, {front.review_by}, is before the last one, {front.reviewed}"
            yield Found(document.file, "review_by", said)
        if front.reviewed > subject.calendar.today:
            yield Found(
                document.file, "reviewed", f"{front.reviewed} is still to come; today is {subject.calendar.today}"
            )


def reviews_are_due(subject: Subject) -> Iterator[Found]:
    """A document whose `review_by` has passed wants a look: hold it against practice, and set both dates anew."""
    for document in subject.documents:
        due = document.front.review_by
        if due < subject.calendar.today:
            days = (subject.calendar.today - due).days
            since = f"{days} day{'' if days == 1 else 's'} ago"
            said = f"the review was due on {due}, {since}; ask {document.front.owner}"
            yield Found(document.file, "review_by", said)


def pages_name_a_category(subject: Subject) -> Iterator[Found]:
    """A category page names the request category that it is about."""
    for document in _pages(subject):
        if document.front.category is None:
            yield Found(document.file, "category", "a category page names its category")


def categories_are_there(subject: Subject) -> Iterator[Found]:
    """The category of a document is one of the dimension `request_type`, as values.json or the database has it."""
    known = {*categories(subject), *subject.live_values.get(CATEGORY, ())}
    if not known or VALUES in subject.content.broken:
        return
    for document in subject.documents:
        named = document.front.category
        if named is not None and named not in known:
            close = nearest(named, list(known))
            yield Found(document.file, "category", f"there is no request category '{named}'{close}")


def every_category_has_a_page(subject: Subject) -> Iterator[Found]:
    """Every request category has a page in `knowledge/categories/`, and no more than one."""
    pages: dict[str, str] = {}
    for document in _pages(subject):
        named = document.front.category
        if named in pages:
            yield Found(document.file, "category", f"'{named}' has a page already: {pages[named]}")
        elif named is not None:
            pages[named] = document.file
    unread = any(problem.file.startswith("knowledge/") for problem in subject.read_problems)
    if not pages or unread:
        return
    for category, place in categories(subject).items():
        if category not in pages:
            yield Found(VALUES, place, f"the category '{category}' has no page in knowledge/categories/")


def answers_can_be_given(subject: Subject) -> Iterator[Found]:
    """Answers stand on pages for customers, under a heading of theirs, briefly, in English and others."""
    for document in subject.documents:
        front = document.front
        headings = [piece.heading for piece in pieces(document) if piece.heading]
        given = {"answers": front.answers}
        for heading, answers in front.section_answers.items():
            place = f"section_answers.{heading}"
            given[place] = answers
            if heading not in headings:
                yield Found(document.file, place, f"the page has no section '{heading}'{nearest(heading, headings)}")
        for place, answers in given.items():
            if answers and front.audience != "customers":
                yield Found(document.file, place, "answers are for customers, and this page is for staff")
            for language, said in _not_given(answers):
                yield Found(document.file, f"{place}.{language}", said)


def _not_given(answers: Answers) -> Iterator[tuple[str, str]]:
    """Language → why its answer can't be given."""
    if answers and "en" not in answers:
        yield "en", "English is missing: the other languages are held against it"
    for language, text in answers.items():
        if language not in ANSWERED_IN:
            yield language, f"customers are answered in {', '.join(ANSWERED_IN)}{nearest(language, ANSWERED_IN)}"
        if not text.strip():
            yield language, "the answer is empty"
        if (words := len(text.split())) > MOST_WORDS:
            yield language, f"{words} words, and at most {MOST_WORDS} are read"


def categories(subject: Subject) -> dict[str, str]:
    """Stored request categories with their places in values.json."""
    found: dict[str, str] = {}
    for index, value in enumerate(subject.content.values):
        if value.dimension == CATEGORY and value.value is not None:
            found.setdefault(value.value, f"values[{index}]")
    return found


def _pages(subject: Subject) -> Iterator[Document]:
    return (document for document in subject.documents if document.front.kind == "category")


RULES = (
    Rule("document-dates", dates_are_sane),
    Rule("review-due", reviews_are_due, "warning"),
    Rule("page-category", pages_name_a_category),
    Rule("document-category", categories_are_there),
    Rule("customer-answer", answers_can_be_given),
    Rule("category-page", every_category_has_a_page, "warning"),
)
