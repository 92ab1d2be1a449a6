"""One ticket: what the customer wrote, what the AI answered and what a person did, beside each other.

All of it is text that others wrote: it is shown as text and nothing else.
"""

from __future__ import annotations

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.models.conversation import Action, Comparison, Conversation, Message
from dashboard.components.text import plain
from dashboard.words import Words


def conversation(words: Words, wording: Wording, one: Conversation) -> None:
    _about(words, wording, one)
    asked = [message for message in one.messages if message.role == "customer"]
    for comparison in one.comparisons:
        _compared(words, wording, one, asked, comparison)
    if not one.comparisons:
        st.info(words("quality.not_compared"))
    if one.actions:
        st.markdown(f"**{words('quality.actions')}**")
        for action in one.actions:
            st.text(_done(words, wording, action))
    with st.expander(words("quality.dialogue", count=len(one.messages)), expanded=not one.comparisons):
        for message in one.messages:
            st.caption(plain(_said(words, wording, message)))
            st.text(message.text)


def _about(words: Words, wording: Wording, one: Conversation) -> None:
    told = [
        words(
            "quality.ticket_told",
            ticket=one.ticket_id,
            category=wording.value("request_type", one.category),
            channel=wording.value("channel", one.channel),
            language=wording.value("language", one.language),
            status=wording.value("status", one.status),
            moment=wording.moment(one.created),
        )
    ]
    if one.auto_sent:
        told.append(words("quality.auto_sent"))
    if one.agent is not None:
        told.append(words("quality.assigned", agent=one.agent))
    st.markdown(plain(" ".join(told)))


def _compared(words: Words, wording: Wording, one: Conversation, asked: list[Message], comparison: Comparison) -> None:
    _verdict(words, wording, comparison)
    human = next((message.author for message in reversed(one.messages) if message.role == "human"), None) or one.agent
    customer, ai, person = st.columns(3)
    with customer.container(border=True, height="stretch"):
        st.markdown(f"**{words('quality.customer')}**")
        st.caption(plain(f"{words('quality.subject')}: {one.subject}"))
        for message in asked:
            st.text(message.text)
        if not asked:
            st.caption(words("quality.no_message"))
    with ai.container(border=True, height="stretch"):
        _answer(words, "ai", one.model, comparison.ai_answer)
    with person.container(border=True, height="stretch"):
        _answer(words, "human", human, comparison.human_answer)


def _verdict(words: Words, wording: Wording, comparison: Comparison) -> None:
    """Who decided what, when, and by which numbers."""
    error = comparison.error_type
    measured = {
        "similarity": wording.number(comparison.similarity, None, 3),
        "penalty": wording.measure(comparison.penalty, None, 0),
        "error_type": words("quality.no_error") if error is None else wording.value("error_type", error),
    }
    verdict = wording.value("verdict", comparison.verdict)
    said = words("quality.judged", verdict=verdict, judge=comparison.judge, moment=wording.moment(comparison.at))
    st.markdown(f"**{plain(said)}**")
    st.markdown(plain(" · ".join(f"{words(f'quality.{name}')}: {value}" for name, value in measured.items())))


def _answer(words: Words, whose: str, author: str | None, text: str) -> None:
    st.markdown(f"**{words(f'quality.{whose}')}**")
    if author:
        st.caption(plain(words(f"quality.{whose}_by", author=author)))
    st.text(text)


def _done(words: Words, wording: Wording, action: Action) -> str:
    told = {
        "task": wording.value("task_type", action.task_type),
        "status": wording.value("task_status", action.status),
        "moment": wording.moment(action.at),
    }
    if action.decided_by is None:
        return words("quality.action", **told)
    return words("quality.action_by", **told, who=wording.value("decided_by", action.decided_by))


def _said(words: Words, wording: Wording, message: Message) -> str:
    role, moment = words(f"quality.role_{message.role}"), wording.moment(message.at)
    if message.author is None:
        return words("quality.said", role=role, moment=moment)
    return words("quality.said_by", role=role, author=message.author, moment=moment)
