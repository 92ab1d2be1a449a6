"""Messages as who gets them sees them. Of HTML what Telegram knows is let through alone, and of links the web's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from dash_agent.models.message import Album, Letter, Message, Picture, Text, message_of
from dashboard.components.text import plain
from dashboard.words import Words

TAGS: Final = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote"})
BUBBLE: Final = (
    '<div style="max-width: 34rem; padding: .6rem .9rem; border-radius: .25rem .9rem .9rem .9rem; '
    "background: color-mix(in srgb, currentColor 7%, transparent); white-space: pre-wrap; "
    'overflow-wrap: anywhere; line-height: 1.45">{html}</div>'
)
BUTTONS: Final = '<div style="display: flex; gap: .3rem; max-width: 34rem; margin-top: .3rem">{html}</div>'
BUTTON: Final = (
    '<span style="flex: 1; text-align: center; padding: .3rem; border-radius: .5rem; '
    'border: 1px solid color-mix(in srgb, currentColor 25%, transparent)">{label}</span>'
)
LINK: Final = "color: inherit; text-decoration: underline"
THUMBNAIL: Final = 320
"""Pixels of width: two beside each other, or one that a phone is filled with."""


class _Safe(HTMLParser):
    """Everything that is no tag of Telegram's is text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = next((value or "" for name, value in attrs if name == "href"), "")
        if tag in TAGS:
            self.made.append(f"<{tag}>")
        elif tag == "a" and urlsplit(link).scheme in ("http", "https"):
            self.made.append(f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer" style="{LINK}">')
        else:
            self.made.append(escape(self.get_starttag_text() or "", quote=False))
            return
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            return
        while self.open:
            last = self.open.pop()
            self.made.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        self.made.append(escape(data, quote=False))


def safe(html: str) -> str:
    """HTML that can do nothing but look like a message."""
    parser = _Safe()
    parser.feed(html)
    parser.close()
    return "".join([*parser.made, *(f"</{tag}>" for tag in reversed(parser.open))])


def kept(messages: Sequence[Mapping[str, object]], words: Words) -> None:
    """As they are kept of what was sent: pictures without their bytes."""
    shown([message_of(one) for one in messages], words)


def shown(messages: Sequence[Message], words: Words) -> None:
    for message in messages:
        match message:
            case Text():
                st.html(BUBBLE.format(html=safe(message.html)))
                for row in message.buttons:
                    drawn = "".join(BUTTON.format(label=escape(one.label)) for one in row)
                    st.html(BUTTONS.format(html=drawn))
            case Album():
                _pictures(message.pictures, words)
            case Letter():
                st.markdown(f"**{plain(message.subject)}**")
                st.code(message.text, language=None, wrap_lines=True)
                _pictures(message.pictures, words)


def _pictures(pictures: Sequence[Picture], words: Words) -> None:
    with st.container(horizontal=True):
        for one in pictures:
            caption = " ".join(_read(one.caption).split())
            if one.png:
                st.image(one.png, caption=plain(caption), width=THUMBNAIL, alt=caption)
            else:
                st.caption(f":material/image: {plain(caption)} ({words('digests.picture_not_kept')})")


def _read(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return unescape("".join(parser.made))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[str] = []

    def handle_data(self, data: str) -> None:
        self.made.append(data)
