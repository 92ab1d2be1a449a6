"""What is found in a message, its file names and the texts retrieved for it, and what each finding leads to.

Red lines, in the customer's own words only: a person takes over at once, whatever else the message says (gate, with
`red_line:<name>`). Nothing is drafted by a model, no offer is made, no link is sent.

Attacks are noted, and never change what tools may do: identity, consent and grants do not read the text. Two look for
them: the rules, in all languages, and likeness to known attacks, in those of the embedder. A noted message

    goes on without the sentences in which an attack was found, where others are left (`ordinary_part`);
    goes on whole where only one of the two found it, weakly: an ordinary message is not refused for a word;
    is refused politely where nothing else is left of it.

A reply that a model wrote to it waits as a draft (gate), and `outgoing` looks at every reply. In a retrieved text: the
passage is not used. In a file name: the name is shown to nobody but staff. A person reads the words that showed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from support_agent.guardrails.folding import LONGEST, fold, forms
from support_agent.guardrails.likeness import Likeness
from support_agent.guardrails.markers import marks
from support_agent.guardrails.rules import Finding, Rulebook
from support_agent.models import Attack, Incoming, RedLine

_ATTACKS: Final = frozenset(Attack)
_RED_LINES: Final = frozenset(RedLine)
_SENTENCE: Final = re.compile(r"(?<=[.!?…։。])\s+|\n+")
WORDS_SHOWN: Final = 12
MOST_PARTS: Final = 2
"""Sentences whose meaning is looked at beside the whole; each takes the encoder four milliseconds."""
FEW_PARTS: Final = 4
"""Sentences of a refused message, up to which each is asked for its meaning; in longer ones the rules decide."""
LEAST_PART: Final = 5
"""Words of a sentence that is looked at by itself."""
ALIKE: Final = 0.15
"""From this likeness on, a message that no rule knows is noted; of what customers write one in twenty is above it."""
PART_ALIKE: Final = 0.6
"""The same for a sentence: taken alone, it says less."""
UNLIKE: Final = 0.0
"""Below this likeness, a message is not noted for what a rule found in it."""
SURE: Final = 0.65
"""From this likeness on it is refused,"""
DOUBTED: Final = 0.45
"""or from this one on where a rule found something, too."""


def incoming(
    text: str, names: Sequence[str] = (), passages: Sequence[str] = (), likeness: Likeness | None = None
) -> Incoming:
    """What a message brings. names: of its files. passages: texts that were retrieved for it."""
    found = [*_red_lines(text), *_noted(text, likeness)]
    for foreign in (*map(_spaced, names), *passages):
        found += _attacks(foreign)
    return Incoming(
        red_lines=frozenset(RedLine(each.finds) for each in found if each.finds in _RED_LINES),
        attacks=frozenset(Attack(each.finds) for each in found if each.finds in _ATTACKS),
        words=tuple(dict.fromkeys(_shown(each) for each in found)),
    )


def is_clean(passage: str) -> bool:
    """Whether a retrieved text holds no instructions for the one who reads it."""
    return next(iter(_attacks(passage)), None) is None


def ordinary_part(text: str, likeness: Likeness | None = None) -> str:
    """What of a message is worked on: all of it, or the sentences without an attack, or '' where none is left.

    The attack may need all sentences, or hide its words. What only the rules or only the likeness take for an attack,
    and the other clearly does not, stays.
    """
    if not _is_refused(text, likeness):
        return text
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    by_meaning = likeness if len(parts) <= FEW_PARTS else None
    kept = " ".join(part for part in parts if not _is_refused(part, by_meaning)) if len(parts) > 1 else ""
    return "" if _is_refused(kept, likeness) else kept


def _is_refused(text: str, likeness: Likeness | None) -> bool:
    by_rule = next(_attacks(text), None) is not None
    like = likeness.of(text) if likeness is not None else None
    if like is None:
        return by_rule
    return like.score > (DOUBTED if by_rule else SURE)


def _noted(text: str, likeness: Likeness | None) -> Sequence[Finding]:
    found = tuple(_attacks(text))
    like = likeness.of(text) if likeness is not None and found else None
    if found and (like is None or like.score > UNLIKE):
        return found
    return tuple(_alike(text, likeness))


def _alike(text: str, likeness: Likeness | None) -> Iterator[Finding]:
    """What no rule found: the message as a whole, and its sentences, the longest first."""
    if likeness is None:
        return
    parts = sorted((part for part in _SENTENCE.split(text) if len(part.split()) >= LEAST_PART), key=len, reverse=True)
    for part in (text, *(parts[:MOST_PARTS] if len(parts) > 1 else ())):
        like = likeness.of(part)
        if like is not None and like.score > (ALIKE if part == text else PART_ALIKE):
            yield Finding(like.kind, part, "Like a known attack.")
            return


def _red_lines(text: str) -> Iterable[Finding]:
    plain = fold(text[:LONGEST])
    return (each for each in _rulebook().findings(plain, hidden=False) if each.finds in _RED_LINES)


def _attacks(text: str) -> Iterator[Finding]:
    for form in forms(text):
        yield from marks(form)
        yield from (each for each in _rulebook().findings(form, hidden=True) if each.finds in _ATTACKS)


def _spaced(name: str) -> str:
    """A file name with its words apart. Its ending says nothing."""
    stem = name.rsplit(".", 1)[0] if "." in name[1:] else name
    return f"{name}\n{re.sub(r'[_.+-]+', ' ', stem)}"


def _shown(found: Finding) -> str:
    return " ".join(found.words.split()[:WORDS_SHOWN])


@cache
def _rulebook() -> Rulebook:
    return Rulebook("arriving")
