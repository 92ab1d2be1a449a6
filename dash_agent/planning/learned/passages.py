"""What was learned, as pieces of context for a model. People's words stand in quotes on one line, and order nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dash_agent.context.quoting import quoted, quoted_list
from dash_agent.models.learning import (
    LAYER,
    Correction,
    Gotcha,
    Learning,
    PatternCandidate,
    Payload,
    Preference,
    Synonym,
    Target,
)
from dash_agent.models.planned import Passage
from dash_agent.planning.masking import masked

MOST_WORDS = 6


def passages(learnings: Iterable[Learning]) -> tuple[Passage, ...]:
    """One for each that a planner can use."""
    return tuple(_passages(learnings))


def _passages(learnings: Iterable[Learning]) -> Iterator[Passage]:
    for one in learnings:
        text = _text(one.payload)
        if text:
            yield Passage(LAYER, one.learning_id, "", text, words=" ".join(_found_by(one.payload)))


def _text(payload: Payload) -> str:
    match payload:
        case Synonym(phrasings, Target.VALUE, name, values):
            return f"{quoted_list(phrasings, MOST_WORDS)} means {name} IN ({quoted_list(values, MOST_WORDS)})."
        case Synonym(phrasings, target, name, _):
            return f"{quoted_list(phrasings, MOST_WORDS)} means the {target} {name}."
        case Correction():
            return _correction(payload)
        case Gotcha():
            return _gotcha(payload)
        case PatternCandidate(_, question, sql):
            return f"{_long(question)} was answered well by {_long(sql)}."
        case Preference():
            # Applied to the plan afterwards, whoever made it.
            return ""


def _correction(payload: Correction) -> str:
    asked = f"Asked {_long(payload.question)}"
    if payload.meant:
        return f"{asked}, people meant {_long(payload.meant)}."
    failed = f"a plan failed: {_long(payload.failed)} with {_long(payload.problem)}"
    return f"{asked}, {failed}. What ran: {_long(payload.mended)}."


def _gotcha(payload: Gotcha) -> str:
    days = f" from {payload.start or 'the beginning'} to {payload.end or 'now'}" if payload.start or payload.end else ""
    left_out = (
        f"{payload.metric} does not count {payload.dimension} IN ({quoted_list(payload.without, MOST_WORDS)}){days}: "
        "in SQL of your own leave those rows out; in a metric plan Dash does."
        if payload.without
        else ""
    )
    caveat = f"Said of {payload.metric}{days}: {_long(payload.caveat)}." if payload.caveat else ""
    return " ".join(filter(None, (left_out, caveat)))


LONGEST = 1_500
"""Characters of a question or a statement."""


def _long(text: str) -> str:
    """Quoted in pieces that are short enough to be shown whole."""
    return quoted(masked(text[:LONGEST]), LONGEST)


def _found_by(payload: Payload) -> Sequence[str]:
    match payload:
        case Synonym():
            return payload.phrasings
        case Correction():
            return (payload.question, payload.meant)
        case Gotcha():
            return (payload.metric.replace("_", " "), payload.caveat)
        case PatternCandidate():
            return (payload.question,)
        case Preference():
            return ()
