"""A reply before it is sent, whoever wrote it: what it must not hold. A reply with any finding is not sent.

What it may say is what a tool returned in this turn, what a document for customers says, and what the customer typed.
Words shown for staff never hold the secret or the personal datum itself.
"""

from __future__ import annotations

from typing import Final

from support_agent.guardrails.claims import alike, claims
from support_agent.guardrails.folding import fold
from support_agent.guardrails.likeness import Likeness
from support_agent.guardrails.links import links, without_links
from support_agent.guardrails.personal import personal
from support_agent.guardrails.quoting import quoted
from support_agent.guardrails.reply import ReplyContext
from support_agent.guardrails.secrets import secrets
from support_agent.guardrails.spoken import is_spoken
from support_agent.guardrails.wording import reply_rules, reply_words
from support_agent.models import Leak, Outgoing

MOST_WORDS: Final = 120


def outgoing(text: str, context: ReplyContext, likeness: Likeness | None = None) -> Outgoing:
    """What is found in a reply. likeness: to known bad replies, for what a model wrote."""
    words = reply_words()
    bare = without_links(text, context.hosts)
    found = [
        *links(bare),
        *((Leak.SECRET, what) for what in secrets(bare, _own(context), words.code_words, context.secret)),
        *personal(
            bare, context.customer, context.typed, context.tracking, context.addresses, context.grounds, words.personal
        ),
        *claims(bare, context),
        *quoted(bare, context.instructions, context.grounds),
    ]
    if likeness is not None and not found:
        found += alike(bare, context, likeness)
    if not is_spoken(bare, context.language, words.common):
        found.append((Leak.WRONG_LANGUAGE, "another language than the dialogue's"))
    if len(text.split()) > MOST_WORDS:
        found.append((Leak.TOO_LONG, f"more than {MOST_WORDS} words"))
    return Outgoing(frozenset(leak for leak, _ in found), tuple(dict.fromkeys(words for _, words in found)))


def speaks_of_money(text: str) -> bool:
    """Whether a reply speaks of money back, a replacement or an offer: such a one waits for a person (gate)."""
    return any(each.finds == "money_topic" for each in reply_rules().findings(fold(text), hidden=False))


def _own(context: ReplyContext) -> tuple[str, ...]:
    return (*context.tracking, *(word for said in context.typed for word in said.split() if len(word) > 5))
