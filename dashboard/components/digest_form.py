"""The form that a digest is made by, and what it makes of it."""

from __future__ import annotations

from typing import Any, Final, get_args

import streamlit as st
from pydantic import ValidationError

from dash_agent.context.digests import Digest, Language, PeriodName, SectionKind
from dash_agent.reports.digest_words import tell
from dash_agent.sending.steering import Mistake, Steering
from dashboard.components import audience, due, steered
from dashboard.components.charts_wanted import charts
from dashboard.components.text import label
from dashboard.state import Desk

KINDS: Final[tuple[str, ...]] = get_args(SectionKind)
PERIODS: Final[tuple[str, ...]] = get_args(PeriodName)
LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
EMPTY: Final = Digest.model_construct(
    name="", title={}, schedule="0 8 * * *", period="yesterday", sections=[], charts=[]
)
FIELDS: Final = {
    "name": "name",
    "title": "title_en",
    "schedule": "due",
    "period": "period",
    "audience": "audience",
    "sections": "sections",
    "charts": "charts",
}


def form(desk: Desk, steering: Steering, before: Digest, *, new: bool) -> None:
    """before: what it begins with, `EMPTY` or another. Keeps it when it is sent and has no mistakes."""
    words, key = desk.words, f"form-{'new-' if new else ''}{before.name}"
    name = before.name
    if new:
        name = st.text_input(words("digests.name"), key=f"{key}-name", help=words("digests.name_help"), max_chars=60)
    title = _titles(desk, before, key)
    schedule = due.chosen(before.schedule, words, key)
    period = st.selectbox(
        words("digests.period"),
        PERIODS,
        index=PERIODS.index(before.period),
        format_func=lambda one: words(f"filters.{one}"),
        key=f"{key}-period",
    )
    sections = _sections(desk, before, key)
    drawn = charts(desk, before, key)
    given = {
        "name": name.strip(),
        "title": title,
        "schedule": schedule,
        "period": period,
        "sections": sections,
        "charts": drawn,
        "audience": audience.asked(desk, steering, before, key, empty=new),
        "skip_unchanged": st.checkbox(words("digests.skip_unchanged"), before.skip_unchanged, key=f"{key}-skip"),
    }
    if st.button(words("digests.save"), key=f"{key}-save", type="primary", icon=":material/save:"):
        mistakes = _kept(desk, steering, given, new=new)
        if mistakes:
            _tell(desk, mistakes)
            return
        steered.close()
        st.toast(words("digests.saved"), icon=":material/check:")
        st.rerun()


def _titles(desk: Desk, before: Digest, key: str) -> dict[str, str]:
    found = {}
    for column, language in zip(st.columns(2), LANGUAGES, strict=True):
        told = column.text_input(
            desk.words(f"digests.title_{language}"), before.title.get(language, ""), key=f"{key}-title-{language}"
        )
        if told.strip():
            found[language] = told.strip()
    return found


def _sections(desk: Desk, before: Digest, key: str) -> list[dict[str, Any]]:
    """One of each kind that is chosen, in the order of choosing. A question is a section of its own."""
    words, wording = desk.words, desk.wording
    kinds = st.multiselect(
        words("digests.sections"),
        KINDS,
        list(dict.fromkeys(one.kind for one in before.sections)),
        format_func=lambda one: tell(words.language, one),
        help=words("digests.sections_help"),
        placeholder=words("digests.choose"),
        key=f"{key}-sections",
    )
    catalog = desk.dash.catalog
    found: list[dict[str, Any]] = []
    for kind in kinds:
        kept = [one.model_dump(exclude_defaults=True) for one in before.sections if one.kind == kind]
        if kind == "metrics":
            first = kept[0] if kept else {"kind": kind}
            metrics = st.multiselect(
                words("digests.metrics"),
                list(catalog.metrics),
                [name for one in kept for name in one.get("metrics", ()) if name in catalog.metrics],
                format_func=lambda one: wording.label(catalog.metrics[one].label, one),
                placeholder=words("digests.choose"),
                key=f"{key}-metrics",
            )
            kept = [{**first, "metrics": metrics}]
        if kind == "question":
            kept = _questions(desk, kept, key)
        found += kept or [{"kind": kind}]
    return found


def _questions(desk: Desk, kept: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """A line each; the same line in both languages is one question."""
    lines = {}
    for column, language in zip(st.columns(2), LANGUAGES, strict=True):
        before = "\n".join(one.get("question", {}).get(language, "") for one in kept)
        field = column.text_area(
            desk.words(f"digests.questions_{language}"),
            before.strip(),
            help=desk.words("digests.questions_help"),
            key=f"{key}-questions-{language}",
        )
        lines[language] = [line.strip() for line in field.split("\n")]
    count = max(map(len, lines.values()))
    made = []
    for index in range(count):
        told = {language: found[index] for language, found in lines.items() if index < len(found) and found[index]}
        if told:
            made.append({"kind": "question", "question": told})
    return made


def _kept(desk: Desk, steering: Steering, given: dict[str, Any], *, new: bool) -> tuple[Mistake, ...]:
    try:
        digest = Digest.model_validate(given)
    except ValidationError as error:
        return tuple(
            Mistake(".".join(map(str, one["loc"])), str(one["msg"]), "form")
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
    if not digest.title:
        return (Mistake("title", "give it a title", "form"),)
    return steering.define(desk.principal, digest, new=new)


def _tell(desk: Desk, mistakes: tuple[Mistake, ...]) -> None:
    """Each once, by the field that it is in."""
    words = desk.words
    told: dict[str, None] = {}
    for one in mistakes:
        field = one.place.replace("[", ".").split(".")[0]
        place = words(f"digests.{FIELDS[field]}") if field in FIELDS else field
        key = f"digests.wrong_{one.rule}_{field}"
        said = words(key if key in words else f"digests.wrong_{one.rule.replace('-', '_')}")
        told[f"**{label(place)}**: {said}"] = None
    st.error("  \n".join(told), icon=":material/error:")
