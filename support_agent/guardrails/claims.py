"""What a reply claims: promises, deeds, dates, amounts, advice; and whether something bears it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from support_agent.guardrails.folding import fold
from support_agent.guardrails.likeness import Likeness
from support_agent.guardrails.quoting import squeezed
from support_agent.guardrails.reply import ReplyContext
from support_agent.guardrails.rules import Finding
from support_agent.guardrails.wording import reply_rules, reply_words
from support_agent.models import Leak

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
ALIKE: Final = 0.15
"""From this likeness to known bad replies on, a reply is stopped;"""
PART_ALIKE: Final = 0.85
"""the same for a sentence of it: taken alone, it says less."""
SHORTEST: Final = 8
"""Letters of a clause that says something."""


def claims(bare: str, context: ReplyContext) -> Iterator[tuple[Leak, str]]:
    calendar = reply_words().calendar
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


def alike(bare: str, context: ReplyContext, likeness: Likeness) -> Iterator[tuple[Leak, str]]:
    """What no rule knows, by likeness to known bad replies: of the whole, and of its sentences."""
    parts = [part for part in _SENTENCE.split(bare) if part.strip()]
    for part in (bare, *(parts if len(parts) > 1 else ())):
        like = likeness.of(part)
        if like is None or like.score <= (ALIKE if part == bare else PART_ALIKE):
            continue
        if not _may_be_said(Leak(like.kind), part, context):
            yield Leak(like.kind), "like a known bad reply"
            return


def _may_be_said(leak: Leak, part: str, context: ReplyContext) -> bool:
    """A question claims nothing, a deed of this turn may be told, and so may what stands in a page or a lookup."""
    if leak is Leak.CONFIRMED_TOO_EARLY and (context.done or context.states or part.rstrip().endswith("?")):
        return True
    if leak is Leak.PROMISE and context.done & {_OFFER, *_GIFTS.values()}:
        return True
    return any(squeezed(part) in squeezed(text) for text in context.grounds)


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
    parts = reply_words().contrast.split(sentence)
    if len(parts) > 1:
        yield from parts
    yield from (sentence[: cut.start()] for cut in reply_words().joint.finditer(sentence) if cut.start() > SHORTEST)


def _found(text: str) -> Iterator[Finding]:
    return reply_rules().findings(fold(text), hidden=False)


def _given(sentence: str, context: ReplyContext) -> bool:
    """Everything that it gives was granted in this turn, or it is a document's for customers word for word."""
    ideas = reply_rules().ideas(fold(sentence))
    gifts = {task for idea, task in _GIFTS.items() if idea in ideas} or {_OFFER}
    return gifts <= context.done or any(squeezed(sentence) in squeezed(text) for text in context.grounds)


def _is_done(finding: str, sentence: str, context: ReplyContext) -> bool:
    """The very action, of the months that tools told, and of one subscription; a state covers no 'I have'."""
    tools, state = _TOOLS[finding]
    ideas = reply_rules().ideas(fold(sentence))
    if not tools & context.done:
        return state in context.states and "by_us" not in ideas
    calendar = reply_words().calendar
    told = calendar.named_months("\n".join(context.grounds))
    return "all_of_them" not in ideas and (not told or calendar.named_months(sentence) <= told)
