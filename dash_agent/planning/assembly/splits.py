"""What the answer is split by: dimensions and a time bucket."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.context.business import SumMetric
from dash_agent.models.plan import AskBack
from dash_agent.models.query import Grain
from dash_agent.planning.assembly import narrowing
from dash_agent.planning.assembly.draft import Draft, is_base
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import ask_back, unsupported
from dash_agent.planning.sentence import AnyFound, Found, is_operator
from dash_agent.planning.terms import (
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MetricTerm,
    NumberTerm,
    OperatorTerm,
    SuperlativeTerm,
    ThresholdTerm,
    TimeTerm,
    ValueTerm,
)

RANKINGS = (Operator.MOST, Operator.LEAST, Operator.BEST, Operator.WORST)
PLAIN_BY = frozenset(language.operators[Operator.BY][0] for language in LANGUAGES)
SMALL = frozenset(word for language in LANGUAGES for word in (*language.articles, *language.leading))
INDEFINITE = frozenset({"a", "an"})
PER_WORDS = frozenset(word for language in LANGUAGES for word in language.operators[Operator.PER])
OVER_A_BY = 2
INTERROGATIVES = frozenset(word for language in LANGUAGES for word in language.interrogatives)
UNITS = {Grain.DAY: "days", Grain.HOUR_OF_DAY: "hours"}
CHOOSING = (*RANKINGS, Operator.TOP, Operator.BOTTOM, Operator.BUSIEST, Operator.WHICH, Operator.SHARE)


def read(draft: Draft) -> None:
    """Adds to the split of the question before; 'by language instead' takes its place. Raises NotPlanned."""
    sentence = draft.sentence
    grain = _grain(draft)
    left = narrowing.without(draft) | _replaced(draft, grain)
    named = [(found, meant(draft, found)) for found in sentence.all(DimensionTerm) if found not in left]
    if draft.setting.before is None and sentence.has(Operator.INSTEAD):
        raise unsupported(*sentence.words_of(Operator.INSTEAD))
    for each in sentence.operators(Operator.EACH):
        near = sentence.behind(each)
        if near is not None and isinstance(near.term, TimeTerm) and near.start == each.end:
            raise unsupported(each.words, near.words)
        if near is not None and isinstance(near.term, MetricTerm) and near.start == each.end and _adds_up(draft):
            # 'What does each escalation cost' is a quotient, and no sum of them.
            raise unsupported(each.words, near.words)
    if (_rather(draft) or sentence.take(Operator.INSTEAD) or _afresh(draft)) and (named or grain):
        draft.dimensions, draft.grain = (), None
    draft.grain = grain or draft.grain
    draft.dimensions = tuple(dict.fromkeys((*draft.dimensions, *(name for _, name in named))))
    for found, name in named:
        if (
            not draft.applies(name)
            or sentence.follows(found, Operator.COUNT) is not None
            or not _licensed(draft, found)
        ):
            raise unsupported(found.words)
        if found.words.lower() in INTERROGATIVES and all(is_base(draft.metric(metric)) for metric in draft.metrics):
            # 'Who writes most' asks for customers, and 'who answered most' for agents.
            raise unsupported(found.words)
        sentence.use(found, f"dimension {name}")
        before = sentence.before(found)
        per = before is not None and is_operator(before, Operator.PER)
        draft.drop_null_groups = draft.drop_null_groups or (per and not sentence.has(Operator.SHARE))
    _check_one_divisor(draft)
    _check_split_by_something(draft)
    _default(draft)


def _adds_up(draft: Draft) -> bool:
    return any(isinstance(draft.metric(name), SumMetric) for name in draft.metrics)


def _licensed(draft: Draft, found: Found[DimensionTerm]) -> bool:
    """A dimension by chance in a name ('language model cost') or a condition ('with a category') splits nothing."""
    sentence = draft.sentence
    near, behind = sentence.before(found), sentence.behind(found)
    free = near is None or isinstance(
        near.term, OperatorTerm | NumberTerm | SuperlativeTerm | DimensionTerm | GrainTerm
    )
    if sentence.word_before(found) in INDEFINITE and not (near is not None and is_operator(near, Operator.PER)):
        return False
    named = behind is not None and behind.start == found.end and isinstance(behind.term, MetricTerm)
    return not named or free


def meant(draft: Draft, found: Found[DimensionTerm]) -> str:
    """Of dimensions that share a word the one that the metrics' own rows have."""
    fitting = [name for name in found.term.names if draft.applies(name)]
    at_home = [name for name in fitting if draft.at_home(name)]
    counted = [name for name in at_home if draft.catalog.dimensions[name].counts in draft.metrics]
    for known in (counted, at_home, fitting):
        if len(known) == 1:
            return known[0]
    if fitting:
        raise ask_back(AskBack.AMBIGUOUS, found.words, *fitting)
    return found.term.name


def _replaced(draft: Draft, grain: Grain | None) -> set[AnyFound]:
    """'By language instead of channel', 'monthly instead of by channel' name a dimension only to leave it out."""
    sentence = draft.sentence
    found = {d for d in sentence.all(DimensionTerm) if sentence.follows(d, Operator.INSTEAD) is not None}
    if grain is None and len(found) == len(sentence.all(DimensionTerm)):
        return set()
    for dimension in found:
        sentence.use(dimension, f"not by {dimension.term.name}")
        draft.dimensions = tuple(name for name in draft.dimensions if name not in dimension.term.names)
    return set(found)


def _rather(draft: Draft) -> bool:
    """A follow-up that opens with 'better by …' wants another split, and judges nothing."""
    sentence = draft.sentence
    first = next((found for found in sentence.found if not isinstance(found.term, FillerTerm)), None)
    if draft.setting.before is None or first is None or not is_operator(first, Operator.BEST):
        return False
    split = sentence.behind(first, Operator.BY, Operator.ALONG)
    if (
        split is None
        or not isinstance(split.term, GrainTerm | DimensionTerm | TimeTerm)
        or not split.at - first.at <= OVER_A_BY
    ):
        return False
    sentence.use(first, Operator.INSTEAD.value)
    return True


def _afresh(draft: Draft) -> bool:
    return bool(draft.dimensions or draft.grain) and draft.sentence.has(Operator.AFRESH)


def _grain(draft: Draft) -> Grain | None:
    """One bucket; a bare unit is one where days, months … are ranked or chosen among."""
    sentence = draft.sentence
    found = [bucket for bucket in sentence.all(GrainTerm) if not _is_unit(draft, bucket)]
    chosen = sentence.has(*CHOOSING) or sentence.any(SuperlativeTerm, ThresholdTerm)
    loose = [bucket for bucket in found if bucket.term.bare and not chosen]
    if loose:
        raise unsupported(*(bucket.words for bucket in loose))
    grains = list(dict.fromkeys(bucket.term.grain for bucket in found))
    if len(grains) > 1:
        raise unsupported(*(bucket.words for bucket in found))
    for bucket in found:
        sentence.use(bucket, f"by {bucket.term.grain.value}")
    return grains[0] if grains else None


def _check_one_divisor(draft: Draft) -> None:
    """'Tickets per agent per hour' is a quotient of two, which no metric is."""
    per = [found for found, _ in _per(draft)]
    if len(per) > 1:
        raise unsupported(*(found.words for found in per))


def _check_split_by_something(draft: Draft) -> None:
    """'By team last month' splits by a word that carries nothing elsewhere."""
    sentence = draft.sentence
    for found in sentence.operators(Operator.BY):
        near = sentence.behind(found)
        if found.words.lower() in PLAIN_BY and near is not None and isinstance(near.term, TimeTerm):
            raise unsupported(found.words, near.words)
        between = sentence.found[found.at + 1 : found.at + 2]
        said = [word for word in between if isinstance(word.term, FillerTerm) and word.words.lower() not in SMALL]
        if said and (near is None or isinstance(near.term, TimeTerm)):
            raise unsupported(found.words, *(word.words for word in said))


def _per(draft: Draft) -> Iterator[tuple[AnyFound, AnyFound]]:
    sentence = draft.sentence
    for found in sentence.found:
        before = sentence.before(found)
        if isinstance(found.term, DimensionTerm) and before is not None and is_operator(before, Operator.PER):
            yield found, before
        elif isinstance(found.term, GrainTerm) and sentence.tokens[found.start].norm in PER_WORDS:
            yield found, found


def _is_unit(draft: Draft, bucket: Found[GrainTerm]) -> bool:
    """'Days' beside a metric that is told in them."""
    unit = UNITS.get(bucket.term.grain)
    told = bucket.term.bare and any(draft.metric(name).unit == unit for name in draft.metrics)
    if told:
        draft.sentence.use(bucket, "unit of the metric")
    return told


def _default(draft: Draft) -> None:
    """'Where does the AI make mistakes' is split as the metric says."""
    sentence = draft.sentence
    asked = sentence.take(Operator.WHERE)
    if draft.dimensions or draft.grain is not None or sentence.choosing:
        return
    splits = (draft.metric(name).default_split for name in draft.metrics)
    found = tuple(dict.fromkeys(split for split in splits if split))
    if asked and not found and not sentence.any(ValueTerm, ThresholdTerm):
        raise unsupported(*sentence.words_of(Operator.WHERE))
    if asked or sentence.has(*RANKINGS):
        draft.dimensions = found


def trend(draft: Draft) -> None:
    """A trend with no grain said takes that of the period's length."""
    if draft.sentence.take(Operator.TREND) and draft.grain is None and draft.period is not None:
        draft.grain = draft.setting.calendar.default_grain(draft.period)


def calendar_grain(grain: Grain | None) -> bool:
    return grain is not None and not grain.cyclic
