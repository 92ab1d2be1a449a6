"""Who gets something, and what became of it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.models.digest import Issue, Outcome, Recipient
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.reports.reasons import reason_told
from dash_agent.reports.spans import named
from dash_agent.sending.addresses import shown, without
from dashboard.components.people import scope_told
from dashboard.components.text import plain, sentence
from dashboard.state import Desk
from dashboard.words import Words

ICONS: Final = {"telegram": "send", "mail": "mail", "file": "folder"}
COLOURS: Final = {
    Outcome.BUILT: ("blue", "pending"),
    Outcome.SENT: ("green", "check"),
    Outcome.SKIPPED: ("gray", "skip_next"),
    Outcome.WITHHELD: ("orange", "hourglass_empty"),
    Outcome.IN_DOUBT: ("orange", "help"),
    Outcome.REFUSED: ("red", "block"),
    Outcome.FAILED: ("red", "error"),
}


def address(desk: Desk, channel: str, to: str) -> str:
    """As the person who looks may see it."""
    return shown(channel, to, desk.settings.chats, desk.principal)


def hidden(desk: Desk, text: str, channel: str, to: str) -> str:
    """A text with an address in it as the person who looks may see it."""
    return without(text, to, address(desk, channel, to))


def badge(outcome: Outcome, words: Words, of: str = "digests") -> str:
    """Markdown. The word says it, too: not everybody sees the colour. of: 'digests' or 'alerts'."""
    colour, icon = COLOURS[outcome]
    return f":{colour}-badge[:material/{icon}: {words(f'{of}.outcome_{outcome}')}]"


def rows(desk: Desk, scope: tuple[ScopeFilter, ...]) -> str:
    return scope_told(Principal("", Role.VIEWER, scope=scope), desk.words, desk.wording)


def reader(desk: Desk, one: Recipient) -> str:
    """Whom it is for, in a line of Markdown."""
    words = desk.words
    to = plain(address(desk, one.channel, one.address))
    told = f":material/{ICONS[one.channel]}: **{to}** · {words(f'settings.language_{one.language}')}"
    return f"{told} · {plain(rows(desk, one.scope))}" if one.scope else told


def why(desk: Desk, issue: Issue) -> str:
    """What an outcome means here, and what was said of it: Markdown, '' where there is nothing to say."""
    words, key = desk.words, f"digests.means_{issue.outcome}"
    said = [words(key)] if key in words else []
    if issue.why and issue.outcome is not Outcome.SKIPPED:
        told = reason_told(words.language, issue.why)
        said.append(plain(sentence(hidden(desk, told, issue.key.channel, issue.key.address))))
    return " ".join(said)


def standing(desk: Desk, one: Recipient, last: Issue | None, *, left_out: bool) -> None:
    """Somebody of an audience, and the latest for them."""
    words, lines = desk.words, []
    if last is not None:
        became = f"{badge(last.outcome, words)} :small[{desk.wording.moment(last.at)} · {period(desk, last)}]"
    elif not left_out:
        became = f":gray[:small[{words('digests.nothing_yet')}]]"
    else:
        became = ""
    lines.append(f"{reader(desk, one)} &nbsp; {became}")
    if left_out:
        lines.append(f":orange-badge[:material/link_off: {words('digests.left_out')}] {_no_way(desk, one)}")
    told = "" if last is None else why(desk, last)
    if told:
        lines.append(f":gray[:small[{told}]]")
    st.markdown("  \n".join(lines))


def _no_way(desk: Desk, one: Recipient) -> str:
    key = f"digests.no_{one.channel}"
    return desk.words(key if key in desk.words else "digests.no_telegram")


def period(desk: Desk, issue: Issue) -> str:
    """What it is about: Markdown."""
    found = named(issue.key.period, desk.dash.calendar(desk.now)).period
    return plain(desk.words("digests.about", period=desk.wording.period(found, desk.now)))
