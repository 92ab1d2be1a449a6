"""A reply before it is sent, whoever wrote it: what it must not hold. A reply with any finding is not sent.

What it may say is what a tool returned in this turn, what a document for customers says, and what the customer typed.
Words shown for staff never hold the secret or the personal datum itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from support_agent.guardrails.dates import Calendar
from support_agent.guardrails.folding import fold, forms
from support_agent.guardrails.lexicon import LANGUAGES, read_data
from support_agent.guardrails.personal import Words, personal
from support_agent.guardrails.rules import Rulebook
from support_agent.guardrails.secrets import secrets
from support_agent.guardrails.spoken import is_spoken
from support_agent.models import Customer, Leak, Outgoing

MOST_WORDS: Final = 120
PROMPT_RUN: Final = 40
"""So many letters and digits in a row, spaces aside, shared with the instructions are a quotation."""
_LINK: Final = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>()\[\]\"']+|\b(?:javascript|data|vbscript):\S+")
_BARE_LINK: Final = re.compile(
    r"(?i)(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|ru|de|fr|es|il|info|biz|xyz|link|site|online|shop|app|dev|me|ly|gg|top)"
    r"(?:/[^\s<>()\[\]\"']*)?(?![\w@])"
)
_SENTENCE: Final = re.compile(r"(?<=[.!?…;])\s+|\n+")
_TOOLS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "confirmed:cancel": (frozenset({"cancel_subscription"}), "cancelled"),
    "confirmed:pause": (frozenset({"pause_subscription"}), "paused"),
    "confirmed:skip": (frozenset({"skip_month"}), "skipped"),
    "confirmed:frequency": (frozenset({"change_frequency"}), ""),
    "confirmed:address": (frozenset({"change_address"}), ""),
    "confirmed:other": (frozenset({"create_damage_claim", "resume_subscription", "open_trace"}), ""),
}
"""Finding → the tasks that make it true, and the state that a lookup may have told instead."""
_GIVING: Final = frozenset({"issue_replacement", "retention_offer", "refund"})


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a reply may rest on.

    language: of the dialogue. typed: all that the customer wrote in it. grounds: results of this turn's tools as texts
    (dates in ISO form) and the passages used. tracking, addresses: the identified customer's own. done: tools whose
    task was really done in this turn, by a grant. states: of subscriptions and boxes, as lookups told them.
    instructions: what the model was given. hosts: that links may lead to. secret: values that are secret now.
    """

    language: str
    customer: Customer | None = None
    typed: tuple[str, ...] = field(default=(), repr=False)
    grounds: tuple[str, ...] = field(default=(), repr=False)
    tracking: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    done: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    instructions: tuple[str, ...] = field(default=(), repr=False)
    hosts: frozenset[str] = frozenset()
    secret: tuple[str, ...] = field(default=(), repr=False)


def outgoing(text: str, context: ReplyContext) -> Outgoing:
    """What is found in a reply."""
    bare = _without_links(text, context.hosts)
    found = [
        *_links(bare),
        *((Leak.SECRET, what) for what in secrets(bare, _own(context), _words().code_words, context.secret)),
        *personal(bare, context.customer, context.typed, context.tracking, context.addresses, _words().personal),
        *_said(bare, context),
        *_prompt(bare, context.instructions),
    ]
    if not is_spoken(bare, context.language, _words().common):
        found.append((Leak.WRONG_LANGUAGE, "another language than the dialogue's"))
    if len(text.split()) > MOST_WORDS:
        found.append((Leak.TOO_LONG, f"more than {MOST_WORDS} words"))
    return Outgoing(frozenset(leak for leak, _ in found), tuple(dict.fromkeys(words for _, words in found)))


def speaks_of_money(text: str) -> bool:
    """Whether a reply speaks of money back, a replacement or an offer: such a one waits for a person (gate)."""
    return any(each.finds == "money_topic" for each in _rulebook().findings(fold(text), hidden=False))


def _without_links(text: str, hosts: Collection[str]) -> str:
    return _LINK.sub(lambda link: " " if _host(link.group()) in hosts else link.group(), text)


def _host(link: str) -> str:
    """'' where it is not a plain web address: other schemes, names before the host, ports."""
    parts = urlsplit(link if "://" in link else f"https://{link}")
    plain = parts.scheme == "https" and "@" not in parts.netloc and ":" not in parts.netloc
    return parts.netloc.lower() if plain else ""


def _links(bare: str) -> Iterator[tuple[Leak, str]]:
    if _LINK.search(bare) or _BARE_LINK.search(bare):
        yield Leak.LINK, "a link that leads elsewhere"


def _own(context: ReplyContext) -> tuple[str, ...]:
    return (*context.tracking, *(word for said in context.typed for word in said.split() if len(word) > 5))


def _said(bare: str, context: ReplyContext) -> Iterator[tuple[Leak, str]]:
    calendar = _words().calendar
    known = set(calendar.days("\n".join((*context.grounds, *context.typed))))
    if set(calendar.days(bare)) - known:
        yield Leak.PROMISE, "a date that no tool returned"
    loose = set(calendar.loose("\n".join((*context.grounds, *context.typed))))
    for sentence in _SENTENCE.split(bare):
        question = sentence.rstrip().endswith("?")
        for each in _rulebook().findings(fold(sentence), hidden=False):
            undated = each.finds == "arrival" and set(calendar.loose(sentence)) - loose
            if undated or (each.finds == "promise" and not (question or _given(sentence, context))):
                yield Leak.PROMISE, each.words
            elif each.finds in _TOOLS and not (question or _is_done(each.finds, context)):
                yield Leak.CONFIRMED_TOO_EARLY, each.words
            elif each.finds == "health_or_law":
                yield Leak.HEALTH_OR_LAW, each.words
            elif each.finds == "prompt":
                yield Leak.PROMPT, each.words


def _given(sentence: str, context: ReplyContext) -> bool:
    """A gift that a grant made real, or a sentence of a document for customers word for word."""
    return bool(context.done & _GIVING) or any(_squeezed(sentence) in _squeezed(text) for text in context.grounds)


def _is_done(finding: str, context: ReplyContext) -> bool:
    tools, state = _TOOLS[finding]
    return bool(tools & context.done) or state in context.states


def _prompt(bare: str, instructions: Collection[str]) -> Iterator[tuple[Leak, str]]:
    told = [_squeezed(text) for text in instructions]
    for form in forms(bare):
        letters = _squeezed(form)
        runs = {letters[at : at + PROMPT_RUN] for at in range(max(len(letters) - PROMPT_RUN + 1, 0))}
        if any(run in text for text in told for run in runs):
            yield Leak.PROMPT, "words of the instructions"
            return


def _squeezed(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


@dataclass(frozen=True, slots=True)
class _Words:
    common: Mapping[str, frozenset[str]]
    code_words: frozenset[str]
    personal: Words
    calendar: Calendar


@cache
def _words() -> _Words:
    data = {language: read_data("leaving", language) for language in LANGUAGES}

    def of(name: str) -> list[str]:
        return [word for each in data.values() for word in _list(each[name])]

    return _Words(
        common={language: frozenset(fold(word) for word in _list(each["common"])) for language, each in data.items()},
        code_words=frozenset(word.casefold() for word in of("code_words")),
        personal=Words(of("greetings"), of("titles"), of("streets")),
        calendar=Calendar([_list(each["months"]) for each in data.values()], of("weekdays"), of("units")),
    )


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


@cache
def _rulebook() -> Rulebook:
    return Rulebook("leaving")
