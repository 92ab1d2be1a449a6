"""Settings: a person's own language; for admins the people, what they may see, and what models may cost them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.errors import WrongUse
from dash_agent.learning.granting import access_text, granted, revoked
from dash_agent.models.principal import Role
from dashboard import signin, state
from dashboard.components import allowances, people, spent
from dashboard.components.allowances import Allowance, Limit
from dashboard.components.failures import shown_failures
from dashboard.components.text import plain
from dashboard.state import Desk, own
from dashboard.words import LANGUAGES

ADMINS: Final = frozenset({Role.ADMIN})
CHOICE: Final = "language-choice"


def main() -> None:
    desk = state.desk()
    words = desk.words
    st.title(words("nav.settings"))
    with shown_failures(words, "settings.you"):
        st.subheader(words("settings.you"))
        _you(desk)
    if not desk.may(ADMINS):
        return
    with shown_failures(words, "settings.people"):
        st.subheader(words("settings.people"))
        _people(desk)
    with shown_failures(words, "settings.budgets"):
        st.subheader(words("settings.budgets"))
        _budgets(desk)


def _you(desk: Desk) -> None:
    words, person = desk.words, desk.principal
    name = [] if person == signin.ADMIN else [f"**{plain(person.user)}**"]
    rows = plain(people.scope_told(person, words, desk.wording))
    st.markdown(" · ".join([*name, words(f"settings.role_{person.role}"), words("settings.sees", rows=rows)]))
    st.session_state.setdefault(CHOICE, words.language)
    st.segmented_control(
        words("settings.own_language"),
        LANGUAGES,
        format_func=lambda one: words(f"settings.own_{one}"),
        required=True,
        key=CHOICE,
        on_change=_choose_language,
        args=(desk,),
    )
    st.caption(words("settings.language_told"))


def _choose_language(desk: Desk) -> None:
    """At once, and for every later session."""
    chosen = st.session_state[CHOICE]
    st.session_state[signin.LANGUAGE] = chosen
    with shown_failures(desk.words, "settings.language"):
        own(desk.running.preferences).set_language(desk.principal.user, chosen)


def _people(desk: Desk) -> None:
    words, known = desk.words, desk.running.principals
    if known:
        people.table(list(known.values()), words, desk.wording)
    else:
        st.info(words("settings.nobody"), icon=":material/group:")
    with st.expander(words("settings.change_access"), icon=":material/manage_accounts:"):
        st.markdown(words("settings.file_is_source"))
        wanted = people.form(desk, known)
        if wanted is None:
            return
        with shown_failures(words, "settings.patch"):
            text = access_text(desk.settings.content_dir)
            made = revoked(text, wanted) if isinstance(wanted, str) else granted(text, wanted, desk.running.catalog)
            people.patch(made, words)


def _budgets(desk: Desk) -> None:
    words, wording = desk.words, desk.wording
    spending = own(own(desk.running.ports).spending)
    usual = desk.settings.budget
    told = words("settings.no_limit") if usual is None else wording.number(usual, "usd", 2)
    st.markdown(words("settings.budgets_told", usual=plain(told)))
    found = spending.budgets()
    if found:
        spent.budgets(found, words, wording)
    with st.expander(words("settings.change_budget"), icon=":material/savings:"):
        wanted = allowances.form([signin.ADMIN.user, *desk.running.principals], told, words)
        if wanted is not None:
            _set(desk, wanted)
            st.rerun()


def _set(desk: Desk, wanted: Allowance) -> None:
    """Raises WrongUse for who may not, whatever a page showed."""
    if not desk.may(ADMINS):
        raise WrongUse("only an admin may set a budget")
    spending = own(own(desk.running.ports).spending)
    match wanted.limit:
        case Limit.USUAL:
            spending.unset_budget(wanted.user)
        case Limit.OWN:
            spending.set_budget(wanted.user, wanted.usd_per_day, desk.principal.user)
        case Limit.NONE:
            spending.set_budget(wanted.user, None, desk.principal.user)
    st.toast(desk.words("settings.budget_set"), icon=":material/check:")


main()
