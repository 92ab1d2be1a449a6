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
from support_agent.guardrails.lexicon import LANGUAGES, read_data, words_of
from support_agent.guardrails.personal import Words, personal
from support_agent.guardrails.rules import Finding, Rulebook
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
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d{1,2}(?!\d))?")
_AMOUNT: Final = re.compile(
    r"(?i)[$€£₪₽]\s?\d[\d.,]*|(?<![\d.,])\d[\d.,]*\s?(?:[$€£₪₽]|(?:euros?|dollars?|pounds?|usd|eur|gbp|ils|rub|руб\w*|доллар\w*|евро"
    r"|שקל\w*|דולר\w*|יורו|dólares|libras|livres)(?!\w))"
)
_TOOLS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "confirmed:cancel": (frozenset({"cancel_subscription"}), "cancelled"),
    "confirmed:pause": (frozenset({"pause_subscription"}), "paused"),
    "confirmed:skip": (frozenset({"skip_month"}), "skipped"),
    "confirmed:frequency": (frozenset({"change_frequency"}), ""),
    "confirmed:address": (frozenset({"change_address"}), ""),
    "confirmed:resume": (frozenset({"resume_subscription"}), ""),
    "confirmed:claim": (frozenset({"create_damage_claim"}), ""),
    "confirmed:trace": (frozenset({"open_trace"}), ""),
    "confirmed:other": (frozenset(), ""),
}
"""Finding → the tasks that make it true, and the state that a lookup may have told instead."""
_GIFTS: Final[Mapping[str, str]] = {
    "gift_refund": "refund",
    "gives_money": "refund",
    "gift_replacement": "issue_replacement",
    "gives_box": "issue_replacement",
}
"""Idea → the task that makes a promise of it true; what else is given is an offer."""
_OFFER: Final = "retention_offer"
COPIED: Final = 8
"""Runs of three words shared with the instructions, in a stretch of RUNS, that make a reply a copy with changes."""
RUNS: Final = 20
SHORTEST: Final = 8
"""Letters of a clause that says something."""


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
    words = _words()
    bare = _without_links(text, context.hosts)
    found = [
        *_links(bare),
        *((Leak.SECRET, what) for what in secrets(bare, _own(context), words.code_words, context.secret)),
        *personal(
            bare, context.customer, context.typed, context.tracking, context.addresses, context.grounds, words.personal
        ),
        *_said(bare, context),
        *_prompt(bare, context.instructions, context.grounds),
    ]
    if not is_spoken(bare, context.language, words.common):
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
    yield from _amounts(bare, context)
    if set(calendar.days(bare)) - known:
        yield Leak.PROMISE, "a date that no tool returned"
    loose = set(calendar.loose("\n".join((*context.grounds, *context.typed))))
    for sentence in _SENTENCE.split(bare):
        question = sentence.rstrip().endswith("?")
        for each in (finding for part in _clauses(sentence) for finding in _found(part)):
            undated = each.finds == "arrival" and set(calendar.loose(sentence)) - loose
            if undated or (each.finds == "promise" and not (question or _given(sentence, context))):
                yield Leak.PROMISE, each.words
            elif each.finds in _TOOLS and not (question or _is_done(each.finds, sentence, context)):
                yield Leak.CONFIRMED_TOO_EARLY, each.words
            elif each.finds == "health_or_law":
                yield Leak.HEALTH_OR_LAW, each.words
            elif each.finds == "prompt":
                yield Leak.PROMPT, each.words


def _amounts(bare: str, context: ReplyContext) -> Iterator[tuple[Leak, str]]:
    """Like dates: what something costs or gives comes from a tool, a page or the customer."""
    told = {_plain_number(number) for text in (*context.grounds, *context.typed) for number in _NUMBER.findall(text)}
    for amount in _AMOUNT.finditer(bare):
        if _plain_number(_NUMBER.findall(amount.group())[0]) not in told:
            yield Leak.PROMISE, "an amount that no tool returned"


def _plain_number(written: str) -> str:
    return f"{float(written.replace(',', '.')):.2f}"


def _clauses(sentence: str) -> Iterator[str]:
    """The sentence, its parts where it turns, and its beginnings: what is denied elsewhere denies nothing here.

    A beginning keeps the conditions before it: "once you say yes, it is paused" says nothing too early.
    """
    yield sentence
    parts = _words().contrast.split(sentence)
    if len(parts) > 1:
        yield from parts
    yield from (sentence[: cut.start()] for cut in _words().joint.finditer(sentence) if cut.start() > SHORTEST)


def _found(text: str) -> Iterator[Finding]:
    return _rulebook().findings(fold(text), hidden=False)


def _given(sentence: str, context: ReplyContext) -> bool:
    """Everything that it gives was granted in this turn, or it is a document's for customers word for word."""
    ideas = _rulebook().ideas(fold(sentence))
    gifts = {task for idea, task in _GIFTS.items() if idea in ideas} or {_OFFER}
    return gifts <= context.done or any(_squeezed(sentence) in _squeezed(text) for text in context.grounds)


def _is_done(finding: str, sentence: str, context: ReplyContext) -> bool:
    """The very action, of the months that tools told, and of one subscription; a state covers no 'I have'."""
    tools, state = _TOOLS[finding]
    ideas = _rulebook().ideas(fold(sentence))
    if not tools & context.done:
        return state in context.states and "by_us" not in ideas
    calendar = _words().calendar
    told = calendar.named_months("\n".join(context.grounds))
    return "all_of_them" not in ideas and (not told or calendar.named_months(sentence) <= told)


def _prompt(bare: str, instructions: Collection[str], grounds: Collection[str]) -> Iterator[tuple[Leak, str]]:
    told = [_squeezed(text) for text in instructions]
    for form in forms(bare):
        letters = _squeezed(form)
        runs = {letters[at : at + PROMPT_RUN] for at in range(max(len(letters) - PROMPT_RUN + 1, 0))}
        if any(run in text for text in told for run in runs):
            yield Leak.PROMPT, "words of the instructions"
            return
    secret = {run for text in instructions for run in _runs(text)} - {run for text in grounds for run in _runs(text)}
    shared = [run in secret for run in _runs(bare)]
    if any(sum(shared[at : at + RUNS]) >= COPIED for at in range(len(shared))):
        yield Leak.PROMPT, "words of the instructions, changed a little"


def _runs(text: str) -> list[tuple[str, ...]]:
    words = words_of(fold(text))
    return list(zip(words, words[1:], words[2:], strict=False))


def _squeezed(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


@dataclass(frozen=True, slots=True)
class _Words:
    common: Mapping[str, frozenset[str]]
    code_words: frozenset[str]
    personal: Words
    calendar: Calendar
    contrast: re.Pattern[str]
    joint: re.Pattern[str]


@cache
def _words() -> _Words:
    data = {language: read_data("leaving", language) for language in LANGUAGES}

    def of(name: str) -> list[str]:
        return [word for each in data.values() for word in _list(each[name])]

    return _Words(
        common={language: frozenset(fold(word) for word in _list(each["common"])) for language, each in data.items()},
        code_words=frozenset(word.casefold() for word in of("code_words")),
        personal=Words(of("greetings"), of("titles"), of("streets"), of("people")),
        joint=re.compile(rf"(?i)[,;:–—]|\s(?:{'|'.join(map(re.escape, of('joints')))})\s"),
        contrast=re.compile(rf"(?i)[,;–—]?\s+(?:{'|'.join(map(re.escape, of('contrast')))})\s+"),
        calendar=Calendar([_list(each["months"]) for each in data.values()], of("weekdays"), of("units")),
    )


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


@cache
def _rulebook() -> Rulebook:
    return Rulebook("leaving")
