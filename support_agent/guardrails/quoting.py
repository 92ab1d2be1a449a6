"""Words of the instructions in a reply: quoted, hidden in another form, or changed a little."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from support_agent.guardrails.folding import fold, forms
from support_agent.guardrails.lexicon import words_of
from support_agent.models import Leak

PROMPT_RUN: Final = 40
"""So many letters and digits in a row, spaces aside, shared with the instructions are a quotation."""
COPIED: Final = 8
"""Runs of three words shared with the instructions, in a stretch of RUNS, that make a reply a copy with changes."""
RUNS: Final = 20


def quoted(bare: str, instructions: Collection[str], grounds: Collection[str]) -> Iterator[tuple[Leak, str]]:
    told = [squeezed(text) for text in instructions]
    for form in forms(bare):
        letters = squeezed(form)
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


def squeezed(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())
