"""What an answer rests on beside the files: every learning that had a part in it, named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Source
from dash_agent.models.learning import (
    LAYER,
    Correction,
    Gotcha,
    Habit,
    How,
    Learning,
    PatternCandidate,
    Payload,
    Preference,
    Synonym,
    Target,
    Use,
)

TO_MIND = (How.COUNTED, How.MIND, How.UNCHECKED)
"""What stands among the caveats; the rest was assumed."""


def told(answer: Answer, uses: Sequence[Use], wording: Wording) -> Answer:
    """The answer with each use among its assumptions or caveats, and each learning among its sources."""
    seen = tuple(dict.fromkeys(uses))
    assumed = tuple(_said(use, wording) for use in seen if use.how not in TO_MIND)
    minded = tuple(_said(use, wording) for use in seen if use.how in TO_MIND)
    names = dict.fromkeys(use.learning.learning_id for use in seen)
    return replace(
        answer,
        assumptions=(*answer.assumptions, *assumed),
        caveats=(*answer.caveats, *minded),
        sources=(*answer.sources, *(Source(LAYER, name, "") for name in names)),
    )


def new_told(learning: Learning, wording: Wording) -> str:
    """What a person has just taught by their choice."""
    payload = learning.payload
    if isinstance(payload, Correction):
        return say(wording.language, "learned.new.correction", question=payload.question, meant=payload.meant)
    words = ", ".join(payload.phrasings) if isinstance(payload, Synonym) else ""
    means = meaning(payload, wording) if isinstance(payload, Synonym) else ""
    return say(wording.language, "learned.new", words=words, meaning=means)


def _said(use: Use, wording: Wording) -> str:
    payload = use.learning.payload
    told = {"author": use.learning.author, "words": use.words}
    key = f"learned.{use.how}"
    match payload:
        case Synonym():
            told["meaning"] = meaning(payload, wording)
        case Gotcha():
            told |= {
                "metric": _metric(payload.metric, wording),
                "values": _values(payload.dimension, payload.without, wording) or "…",
                "caveat": payload.caveat,
            }
        case Preference():
            key = f"{key}.{payload.habit}"
            told |= {"words": payload.words, **_preferred(payload, wording)}
        case Correction():
            told["question"] = payload.question
        case PatternCandidate():
            pass
    return say(wording.language, key, **told)


def _preferred(preference: Preference, wording: Wording) -> dict[str, str]:
    match preference.habit:
        case Habit.SPLIT:
            return {"dimension": _dimension(preference.name, wording)}
        case Habit.FILTER:
            values = _values(preference.name, preference.values, wording)
            return {"dimension": _dimension(preference.name, wording), "values": values}
        case Habit.PERIOD | Habit.LANGUAGE:
            return {}


def meaning(synonym: Synonym, wording: Wording) -> str:
    """What words were taught to mean, by its label."""
    match synonym.target:
        case Target.METRIC:
            return _metric(synonym.name, wording)
        case Target.DIMENSION:
            return _dimension(synonym.name, wording)
        case Target.VALUE:
            return f"{_dimension(synonym.name, wording)}: {_values(synonym.name, synonym.values, wording)}"


def payload_told(learning: Learning, wording: Wording) -> str:
    """A learning in one line, for those who review it."""
    return _told(learning.payload, wording)


def _told(payload: Payload, wording: Wording) -> str:
    told: dict[str, str]
    match payload:
        case Synonym():
            key = "learning.synonym"
            words = "”, “" if wording.language != "ru" else "», «"
            told = {"words": words.join(payload.phrasings), "meaning": meaning(payload, wording)}
        case Gotcha():
            key = "learning.gotcha" if payload.without else "learning.caveat"
            told = {
                "metric": _metric(payload.metric, wording),
                "values": _values(payload.dimension, payload.without, wording),
                "caveat": payload.caveat,
            }
        case Preference():
            key = f"learning.preference.{payload.habit}"
            told = {"words": payload.words, **_preferred(payload, wording)}
        case Correction():
            key = "learning.correction" if payload.meant else "learning.mended"
            told = {"question": payload.question, "meant": payload.meant, "problem": payload.problem}
        case PatternCandidate():
            key, told = "learning.pattern", {"question": payload.question, "name": payload.name}
    return say(wording.language, key, **told)


def _metric(name: str, wording: Wording) -> str:
    found = wording.catalog.metrics.get(name)
    return wording.label(found.label, name) if found else name


def _dimension(name: str, wording: Wording) -> str:
    found = wording.catalog.dimensions.get(name)
    return wording.label(found.label, name).lower() if found else name


def _values(dimension: str, values: Sequence[str], wording: Wording) -> str:
    return ", ".join(wording.value(dimension, value) for value in values)
