"""The order in which a plan is put together. Read this first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.plan import AskBack, ListPlan, MetricPlan, Plan
from dash_agent.planning.assembly import (
    asked,
    bounds,
    following,
    narrowing,
    ranking,
    rows,
    shares,
    splits,
    times,
    variants,
)
from dash_agent.planning.assembly.draft import Draft, Setting
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import NotPlanned, ask_back, unsupported
from dash_agent.planning.sentence import AnyFound, Sentence
from dash_agent.planning.terms import (
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MeasureTerm,
    MetricTerm,
    NumberTerm,
    OperatorTerm,
    SubjectTerm,
    SuperlativeTerm,
    ThresholdTerm,
    TimeTerm,
    TopicTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import normal
from dash_agent.semantic import checks
from dash_agent.semantic.lists import compile_list
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar

TOPICAL = frozenset(word for language in LANGUAGES for word in language.topical)
PLAIN = frozenset(
    word for language in LANGUAGES for word in (*language.articles, *language.pronouns, *language.leading)
)
LINKS = (Operator.AND, Operator.GOING_ON, Operator.AFRESH, Operator.WHICH, Operator.PER)
COURTESIES = {
    Operator.GREETING: AskBack.GREETING,
    Operator.THANKS: AskBack.THANKS,
    Operator.HELP: AskBack.HELP,
}


def assemble(model: SemanticModel, sentence: Sentence, calendar: Calendar, previous: Plan | None) -> Plan:
    """A plan that every word of the question has its part in, or a refusal or question back that says why not."""
    try:
        return _assembled(model, sentence, calendar, previous)
    except NotPlanned as stop:
        return stop.plan


def _assembled(model: SemanticModel, sentence: Sentence, calendar: Calendar, previous: Plan | None) -> Plan:
    _check_courtesy(sentence)
    _check_topical(sentence)
    _check_links(sentence)
    before = following.query_of(previous)
    if before is not None and not following.goes_on(sentence, before):
        before = None
    draft = Draft(Setting(model, calendar, before), sentence)
    if before is not None:
        following.inherit(draft, before)
    asked.read(draft)
    if before is not None:
        following.keep(draft, before)
    if not draft.metrics:
        raise _nothing_asked(sentence)
    times.events(draft)
    _check_subjects(draft)
    _check_topics(draft)
    plan: MetricPlan | ListPlan = rows.plan(draft) if _lists(draft, previous) else _numbers(draft)
    _check_all_used(draft)
    _check_it_compiles(draft, plan)
    if before is not None and plan.query == before:
        raise unsupported(*(found.words for found in sentence.found))
    return replace(plan, reading=sentence.readings)


def _check_it_compiles(draft: Draft, plan: MetricPlan | ListPlan) -> None:
    """What the semantic layer has no answer for is refused here, in the question's words."""
    try:
        if isinstance(plan, ListPlan):
            compile_list(draft.setting.model, plan.query)
        else:
            checks.check(draft.setting.model, plan.query)
    except (WrongUse, UnknownName):
        said = [found.words for found in draft.sentence.found if not isinstance(found.term, FillerTerm)]
        raise unsupported(*said) from None


def _lists(draft: Draft, previous: Plan | None) -> bool:
    """A list goes on as a list until a number is asked for."""
    if rows.wanted(draft):
        return True
    goes_on = isinstance(previous, ListPlan) and draft.setting.before is not None
    return goes_on and not draft.sentence.has(Operator.COUNT) and rows.could_be(draft)


def _numbers(draft: Draft) -> MetricPlan:
    _compared(draft.sentence)
    variants.read(draft)
    shares.often(draft)
    shares.as_rate(draft)
    splits.read(draft)
    narrowing.read(draft)
    ranking.compared_values(draft)
    bounds.as_share(draft)
    times.read(draft)
    splits.trend(draft)
    shares.read(draft)
    bounds.read(draft)
    ranking.read(draft)
    rows.check_not_wanted(draft)
    return MetricPlan(draft.query(), (), tuple(dict.fromkeys(draft.assumed)), why=draft.why)


def _compared(sentence: Sentence) -> None:
    """'More' belongs to a 'than' behind it, to a 'why', or to one of two ('email or chat'); alone it has nothing to be
    more than.
    """
    thans = sentence.operators(Operator.VERSUS)
    chosen = sentence.has(Operator.MORE) and _chosen_between(sentence)
    for found in sentence.operators(Operator.MORE):
        if chosen or sentence.has(Operator.WHY) or any(than.start >= found.end for than in thans):
            sentence.use(found, "compared")


def _chosen_between(sentence: Sentence) -> bool:
    """Whether an 'or' stands between two values of one dimension; it sets them against each other then."""
    for found in sentence.operators(Operator.OR):
        left, right = sentence.before(found), sentence.behind(found, Operator.BY, Operator.ALONG)
        if left is not None and right is not None and _alike(left, right):
            sentence.use(found, Operator.VERSUS.value)
    return sentence.choosing


def _check_courtesy(sentence: Sentence) -> None:
    """'Thanks!' alone is answered in kind; before a question it is only polite."""
    said = [found for found in sentence.all(OperatorTerm) if found.term.operator in COURTESIES]
    rest = [found for found in sentence.found if not isinstance(found.term, FillerTerm) and found not in said]
    if said and not rest:
        raise ask_back(COURTESIES[said[0].term.operator])


def _check_links(sentence: Sentence) -> None:
    """An 'or' joins values of one dimension; a negation reaches over an 'and' to no other kind of thing."""
    for found in sentence.operators(Operator.AND, Operator.OR):
        left, right = sentence.before(found), sentence.behind(found)
        if left is None or right is None:
            continue
        conditions = isinstance(left.term, ValueTerm | MetricTerm) and isinstance(right.term, ValueTerm | MetricTerm)
        bounds = isinstance(left.term, ThresholdTerm | MetricTerm) and isinstance(right.term, ThresholdTerm)
        negated = sentence.follows(left, Operator.NOT, Operator.EXCEPT) is not None
        either = found.term.operator is Operator.OR
        if (either and bounds) or (conditions and (either or negated) and not _alike(left, right)):
            raise unsupported(left.words, found.words, right.words)


def _alike(one: AnyFound, other: AnyFound) -> bool:
    """Values that one dimension has."""
    if not (isinstance(one.term, ValueTerm) and isinstance(other.term, ValueTerm)):
        return False
    return bool({name for name, _ in one.term.choices} & {name for name, _ in other.term.choices})


def _check_topical(sentence: Sentence) -> None:
    """'Tickets about tables', 'tickets with thanks': what is said of the rows carries something, whatever the word."""
    for found, behind in pairwise(sentence.found):
        said = found.words.lower().split()[-1]
        if said not in TOPICAL or not isinstance(found.term, FillerTerm):
            continue
        word = behind.words.lower()
        courtesy = isinstance(behind.term, OperatorTerm) and behind.term.operator in COURTESIES
        if courtesy or (isinstance(behind.term, FillerTerm) and word not in PLAIN and len(word.split()) == 1):
            raise unsupported(found.words, behind.words)


def _nothing_asked(sentence: Sentence) -> NotPlanned:
    if sentence.has(Operator.BEST, Operator.WORST, Operator.MOST, Operator.LEAST):
        return ask_back(AskBack.NO_CRITERION)
    if sentence.has(Operator.COMPARE, Operator.VERSUS):
        return ask_back(AskBack.NO_SUBJECT)
    told = (DimensionTerm, ValueTerm, GrainTerm, SubjectTerm, OperatorTerm, SuperlativeTerm, ThresholdTerm)
    said = [f for f in sentence.found if isinstance(f.term, told) and not _is_a_link(f.term)]
    timed = sentence.any(TimeTerm, NumberTerm)
    return ask_back(AskBack.NOTHING_TO_FOLLOW if timed and not said else AskBack.NO_METRIC)


def _is_a_link(term: object) -> bool:
    return isinstance(term, OperatorTerm) and term.operator in (
        Operator.AND,
        Operator.GOING_ON,
        Operator.AFRESH,
        Operator.WHICH,
    )


def _check_subjects(draft: Draft) -> None:
    """'Messages' beside a metric of tickets is not explained by it, and 'customers' is where a country is named."""
    tables = set(draft.tables(*draft.metrics, *(among.metric for among in draft.among)))
    named = [name for found in draft.sentence.all(DimensionTerm) for name in found.term.names]
    named += [name for found in draft.sentence.all(ValueTerm) for name, _ in found.term.choices]
    tables |= {draft.column(name)[0] for name in named}
    for found in draft.sentence.all(SubjectTerm):
        if not tables & set(found.term.tables):
            raise unsupported(found.words)


def _check_topics(draft: Draft) -> None:
    """'AI' beside a metric that is about it anyway, 'minutes' beside one that is told in them; else they narrow."""
    names = {*draft.metrics, *(among.metric for among in draft.among if among.counts)}
    known = {topic.name for topic in draft.catalog.rules.topics if names & set(topic.metrics)}
    units = {draft.metric(name).unit for name in draft.metrics}
    strange = [found.words for found in draft.sentence.all(TopicTerm) if found.term.name not in known]
    strange += [found.words for found in draft.sentence.all(MeasureTerm) if not units & set(found.term.units)]
    if strange:
        raise unsupported(*strange)
    _check_doers(draft, names)
    for topic in draft.sentence.all(TopicTerm):
        draft.sentence.use(topic, f"topic {topic.term.name}")


def _check_doers(draft: Draft, metrics: Collection[str]) -> None:
    """'How often was Pavel wrong' does not ask for what the AI got wrong in Pavel's tickets."""
    sentence = draft.sentence
    for topic in draft.catalog.rules.topics:
        own = {normal(word) for texts in topic.synonyms.values() for text in texts for word in text.split()}
        said = any(found.term.name == topic.name for found in sentence.all(TopicTerm)) or not own.isdisjoint(
            lemma for token in sentence.tokens for lemma in token.lemmas
        )
        if said or not set(topic.doings) & set(metrics):
            continue
        doers: list[AnyFound] = [
            *(f for f in sentence.all(DimensionTerm) if set(f.term.names) & set(topic.others)),
            *(f for f in sentence.all(ValueTerm) if {name for name, _ in f.term.choices} & set(topic.others)),
        ]
        if doers:
            raise unsupported(*(found.words for found in doers))
    for measure in draft.sentence.all(MeasureTerm):
        draft.sentence.use(measure, "unit of the metric")


def _check_all_used(draft: Draft) -> None:
    """The last word: what no part of the plan came from is not understood."""
    left = draft.sentence.unused()
    if any(isinstance(f.term, OperatorTerm) and f.term.operator in (Operator.COMPARE, Operator.VERSUS) for f in left):
        raise ask_back(AskBack.NO_SUBJECT, *(found.words for found in left))
    if left:
        raise unsupported(*(found.words for found in left))
