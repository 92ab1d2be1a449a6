"""Documents: about something that is there, dated, and looked at when they should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.content import VALUES
from dash_agent.context.documents import Document
from dash_agent.context.files import nearest

CATEGORY: Final = "request_type"
"""The dimension whose values are the request categories."""


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
    Rule("category-page", every_category_has_a_page, "warning"),
)
