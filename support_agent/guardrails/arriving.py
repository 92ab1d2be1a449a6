"""What is found in a message, its file names and the texts retrieved for it, and what each finding leads to.

Red lines, in the customer's own words only: a person takes over at once, whatever else the message says (gate, with
`red_line:<name>`). Nothing is drafted by a model, no offer is made, no link is sent.

Attacks never stop the ordinary part of a message from being answered, and never change what tools may do: identity,
consent and grants do not read the text. What they lead to:

    instructions, role   the sentences are left out of what router and brain read (`ordinary_part`); a reply that a
                         model wrote all the same waits as a draft
    prompt, secrets      the same; what was asked for is passed over, and `outgoing` looks for it in the reply
    others_data          the same; nothing about anybody's account is said on it, not even that there is none
    skip_checks          the same; the check stays: the code is asked for, the approval waits for its person

In a retrieved text: the passage is not used. In a file name: the name is shown to nobody but staff.
Nothing is answered to the attack itself, and a person reads the words that showed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from support_agent.guardrails.folding import LONGEST, fold, forms
from support_agent.guardrails.markers import marks
from support_agent.guardrails.rules import Finding, Rulebook
from support_agent.models import Attack, Incoming, RedLine

_ATTACKS: Final = frozenset(Attack)
_RED_LINES: Final = frozenset(RedLine)
_SENTENCE: Final = re.compile(r"(?<=[.!?…։。])\s+|\n+")
WORDS_SHOWN: Final = 12


def incoming(text: str, names: Sequence[str] = (), passages: Sequence[str] = ()) -> Incoming:
    """What a message brings. names: of its files. passages: texts that were retrieved for it."""
    found = [*_red_lines(text), *_attacks(text)]
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


def ordinary_part(text: str) -> str:
    """The sentences in which no attack was found; '' where the attack needs all of them or hides its words."""
    if next(_attacks(text), None) is None:
        return text
    kept = " ".join(part for part in _SENTENCE.split(text) if part.strip() and next(_attacks(part), None) is None)
    return kept if next(_attacks(kept), None) is None else ""


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
