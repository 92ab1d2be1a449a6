"""Who may look, and the form that makes a patch of the access file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dash_agent.context.access import Scope, User
from dash_agent.insight.wording import Wording
from dash_agent.learning.promotion import Patch
from dash_agent.models.principal import Principal, Role
from dashboard.components.text import plain
from dashboard.state import Desk
from dashboard.words import LANGUAGES, Words


def table(people: Sequence[Principal], words: Words, wording: Wording) -> None:
    shown = [
        {
            "email": one.user,
            "role": words(f"settings.role_{one.role}"),
            "language": words(f"settings.language_{one.language}"),
            "team": one.team,
            "rows": scope_told(one, words, wording),
        }
        for one in people
    ]
    names = ("email", "role", "language", "team", "rows")
    config = {name: st.column_config.Column(words(f"settings.{name}")) for name in names}
    st.dataframe(shown, hide_index=True, column_config=config, alt=words("settings.people_alt"), key="people")


def scope_told(person: Principal, words: Words, wording: Wording) -> str:
    """Which rows somebody sees: 'Channel: WhatsApp, Telegram; Country: DE'."""
    if not person.scope:
        return words("settings.all_rows")
    dimensions = wording.catalog.dimensions
    return "; ".join(
        f"{wording.label(dimensions[one.dimension].label, one.dimension)}: "
        + ", ".join(wording.value(one.dimension, value) for value in one.values)
        for one in person.scope
    )


def form(desk: Desk, people: Mapping[str, Principal]) -> User | str | None:
    """Asks for a change: somebody as they are to be, or the e-mail of who is to be taken out; None until it is sent."""
    words = desk.words
    new = words("settings.somebody_new")
    chosen = st.selectbox(words("settings.person"), [new, *people], key="person")
    before = people.get(chosen, Principal("", Role.VIEWER))
    with st.form(f"access-{before.user}", border=False):
        email = before.user or st.text_input(words("settings.email"), placeholder="anna@example.com", key="new-email")
        role = st.selectbox(
            words("settings.role"),
            list(Role),
            index=list(Role).index(before.role),
            format_func=lambda role: words(f"settings.role_{role}"),
            key=f"role-{before.user}",
        )
        st.caption(words("settings.roles_told"))
        language = st.selectbox(
            words("settings.language"),
            LANGUAGES,
            index=LANGUAGES.index(before.language),
            format_func=lambda name: words(f"settings.language_{name}"),
            key=f"language-{before.user}",
        )
        team = st.text_input(words("settings.team"), before.team, help=words("settings.team_help"))
        scope = _scope(desk, before)
        with st.container(horizontal=True):
            sent = st.form_submit_button(words("settings.make_patch"), type="primary", icon=":material/difference:")
            out = bool(before.user) and st.form_submit_button(
                words("settings.take_out"), icon=":material/person_remove:"
            )
    if out:
        return before.user
    if not sent:
        return None
    given = {"email": email or "", "role": role, "language": language, "team": team, "scope": scope}
    return User.model_validate(given)


def _scope(desk: Desk, before: Principal) -> list[Scope]:
    """Of the dimensions that pages are narrowed by, and those that the person is narrowed by already."""
    words, wording = desk.words, desk.wording
    kept = {one.dimension: list(one.values) for one in before.scope}
    found = []
    st.markdown(words("settings.rows_told"))
    for dimension in dict.fromkeys([*desk.dash.catalog.board.filters, *kept]):
        known = [one.value for one in desk.dash.catalog.values if one.dimension == dimension and one.value is not None]
        values = st.multiselect(
            wording.label(desk.dash.catalog.dimensions[dimension].label, dimension),
            list(dict.fromkeys([*known, *kept.get(dimension, ())])),
            kept.get(dimension),
            format_func=lambda value, dimension=dimension: wording.value(dimension, value),
            placeholder=words("settings.all_values"),
            key=f"scope-{before.user}-{dimension}",
        )
        if values:
            found.append(Scope(dimension=dimension, values=values))
    return found


def patch(made: Patch, words: Words) -> None:
    if made.before == made.after:
        st.info(words("settings.nothing_changes"), icon=":material/check:")
        return
    st.markdown(words("settings.patch_told", file=plain(made.file)))
    st.code(made.text, language="diff", wrap_lines=True)
    st.download_button(
        words("settings.download"),
        made.text,
        "access.patch",
        "text/x-diff",
        icon=":material/download:",
        on_click="ignore",
        key="access-patch",
    )
