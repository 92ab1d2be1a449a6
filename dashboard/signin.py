"""Who looks: by OIDC or the administrator's password where one is configured, else the administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

import streamlit as st
import structlog

from dash_agent.errors import DashError
from dash_agent.models.principal import Principal, Role
from dash_agent.settings import Settings
from dashboard.components.text import plain
from dashboard.opened import House
from dashboard.passes import COOKIE, passes_of
from dashboard.words import LANGUAGES, Words

USER: Final = "user"
LANGUAGE: Final = "language"
ADMIN: Final = Principal("admin", Role.ADMIN)

log = structlog.get_logger()


def signed_in(house: House) -> Principal:
    """Stops the page at the way in where nobody is. Looked up at every look: rights may have changed meanwhile.

    Raises Unavailable.
    """
    settings = house.settings
    if not settings.has_sign_in:
        user = st.session_state.get(USER, ADMIN.user)
    elif has_pass(settings):
        user = ADMIN.user
    else:
        claims = provider_claims() if settings.has_oidc else {}
        user = known_user(claims, house.running.principals)
        if user is None:
            _way_in(settings, claims)
            st.stop()
    st.session_state[USER] = user
    return ADMIN if user == ADMIN.user else house.running.principals[user]


def has_pass(settings: Settings) -> bool:
    """Whether the browser shows a pass of the administrator that holds."""
    passes = passes_of(settings)
    return passes is not None and passes.holds(st.context.cookies.get(COOKIE))


def provider_claims() -> Mapping[str, object]:
    """What the provider says of who signed in there; empty for nobody."""
    return st.user.to_dict() if st.user.is_logged_in else {}


def known_user(claims: Mapping[str, object], principals: Mapping[str, Principal]) -> str | None:
    """The e-mail of a person whom the access file names, by an e-mail that the provider has verified; None else."""
    email = str(claims.get("email") or "").strip().lower()
    return email if email in principals and claims.get("email_verified") is True else None


def language(house: House, principal: Principal) -> str:
    """What was chosen on the page of settings, the person's own else."""
    chosen = st.session_state.get(LANGUAGE) or _kept_language(house, principal)
    if chosen in LANGUAGES:
        st.session_state[LANGUAGE] = chosen
        return str(chosen)
    # The administrator of a password is nobody whom the access file could say a language of.
    return browser_language(principal.language) if principal == ADMIN else principal.language


def browser_language(otherwise: str = LANGUAGES[0]) -> str:
    return (st.context.locale or otherwise)[:2]


def _kept_language(house: House, principal: Principal) -> str | None:
    preferences = house.running.preferences
    try:
        return preferences.language(principal.user) if preferences is not None else None
    except DashError as error:
        # The page tells what can't be reached; in which language is the least of it.
        log.warning("preferences_not_read", error=str(error))
        return None


def account(house: House, principal: Principal, words: Words) -> None:
    """Who is in, and the way out, at the foot of the sidebar."""
    settings = house.settings
    if not settings.has_sign_in:
        return
    with st.sidebar:
        if principal != ADMIN:
            st.caption(plain(principal.user))
            st.button(words("signin.sign_out"), icon=":material/logout:", on_click=st.logout, type="tertiary")
            return
        st.caption(words("signin.admin"))
        passes = passes_of(settings)
        if passes is not None:
            mark = passes.seal(st.context.cookies.get(COOKIE) or "")
            _link(words("signin.sign_out"), f"/signout?{urlencode({'mark': mark})}")


def _way_in(settings: Settings, claims: Mapping[str, object]) -> None:
    words = Words(browser_language())
    st.title(words("signin.title"))
    if claims:
        st.warning(_refusal(claims, words), icon=":material/lock:")
    else:
        st.write(words("signin.welcome") if settings.has_oidc else words("signin.ended"))
    if settings.has_oidc and claims:
        st.button(words("signin.other_account"), on_click=st.logout, type="primary")
    elif settings.has_oidc:
        st.button(words("signin.by_provider"), on_click=st.login, type="primary")
    if settings.admin_password is not None:
        there = st.context.url or "/"
        path = "/" + there.split("/", 3)[3] if there.count("/") > 2 else "/"
        _link(words("signin.by_password"), f"/signin?next={quote(path, safe='/')}")


def _refusal(claims: Mapping[str, object], words: Words) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or not email.strip():
        return words("signin.no_email")
    key = "signin.unknown" if claims.get("email_verified") is True else "signin.unverified"
    return words(key, email=plain(email))


def _link(label: str, address: str) -> None:
    """To a place of this server that is no page; st.link_button would open it beside this one."""
    st.html(f'<a href="{address}" target="_self" style="color: inherit">{label}</a>')
