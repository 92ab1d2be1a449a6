"""What the answer is split by: dimensions and a time bucket."""

from __future__ import annotations

from dash_agent.models.query import Grain
from dash_agent.planning.assembly.draft import Draft
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import is_operator
from dash_agent.planning.terms import DimensionTerm, GrainTerm

RANKINGS = (Operator.MOST, Operator.LEAST, Operator.BEST, Operator.WORST)


def read(draft: Draft) -> None:
    """Adds to the split of the question before; 'by language instead' takes its place. Raises NotPlanned."""
    sentence = draft.sentence
    named = sentence.all(DimensionTerm)
    dimensions = tuple(dict.fromkeys(found.term.name for found in named))
    grains = list(dict.fromkeys(found.term.grain for found in sentence.all(GrainTerm)))
    if len(grains) > 1:
        raise unsupported(*(grain.value for grain in grains))
    instead = sentence.take(Operator.INSTEAD)
    afresh = instead or (bool(draft.dimensions or draft.grain) and sentence.has(Operator.AFRESH))
    if afresh and (dimensions or grains):
        draft.dimensions, draft.grain = (), None
    draft.grain = grains[0] if grains else draft.grain
    draft.dimensions = tuple(dict.fromkeys((*draft.dimensions, *dimensions)))
    if not draft.dimensions and draft.grain is None:
        draft.dimensions = _default(draft)
    for found in named:
        if not draft.applies(found.term.name):
            raise unsupported(found.words)
        sentence.use(found, f"dimension {found.term.name}")
        before = sentence.before(found)
        if before is not None and is_operator(before, Operator.PER):
            draft.drop_null_groups = True
    for bucket in sentence.all(GrainTerm):
        sentence.use(bucket, f"by {bucket.term.grain.value}")


def _default(draft: Draft) -> tuple[str, ...]:
    """'Where does the AI make mistakes' is split as the metric says."""
    sentence = draft.sentence
    asked = sentence.has(Operator.WHERE)
    splits = (draft.metric(name).default_split for name in draft.metrics)
    found = tuple(dict.fromkeys(split for split in splits if split))
    if asked and not found:
        raise unsupported(*sentence.words_of(Operator.WHERE))
    sentence.take(Operator.WHERE)
    return found if asked or sentence.has(*RANKINGS) else ()


def trend(draft: Draft) -> None:
    """A trend with no grain said takes that of the period's length."""
    if draft.sentence.take(Operator.TREND) and draft.grain is None and draft.period is not None:
        draft.grain = draft.setting.calendar.default_grain(draft.period)


def calendar_grain(grain: Grain | None) -> bool:
    return grain is not None and not grain.cyclic
