"""A sentence that teaches, as what is to be learned; or a kind no, with sentences that can be read."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.learning.forms import EXAMPLES, LANGUAGES, Form, Sentence, sentences
from dash_agent.learning.meanings import Meaning, meaning
from dash_agent.models.learning import Correction, Gotcha, Habit, Payload, Preference, Synonym, Target
from dash_agent.models.plan import Clarification, MetricPlan, Refusal
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import language_of
from dash_agent.semantic.time import Calendar

LONGEST: Final = 400
"""Characters of a sentence that teaches."""

LONGEST_WORDS: Final = 60
MOST_WORDS: Final = 6


class NotRead(WrongUse):
    """A sentence that teaches nothing that could be read."""

    code = "not_read"


def tidy(text: str) -> str:
    """The text on one line, without characters that are no writing."""
    plain = (" " if unicodedata.category(one) in UNWRITTEN else one for one in unicodedata.normalize("NFC", text))
    return " ".join("".join(plain).split())


UNWRITTEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def read(text: str, parser: Parser, calendar: Calendar) -> Payload:
    """What a sentence teaches. Raises NotRead, with what could not be read in it and with examples."""
    said = tidy(text)
    if len(said) > LONGEST:
        raise NotRead(f"a sentence that teaches has at most {LONGEST} characters, and this one {len(said)}")
    problem = None
    for sentence in sentences(said):
        found = _payload(sentence, parser, calendar)
        if not isinstance(found, str):
            return found
        problem = problem or found
    raise NotRead(problem or "I can't read what this teaches", _shown(said))


def _shown(text: str) -> str:
    examples = EXAMPLES.get(language_of(text, "en"), EXAMPLES["en"])
    return "sentences that I can read: " + "; ".join(examples)


def _payload(sentence: Sentence, parser: Parser, calendar: Calendar) -> Payload | str:
    """What it teaches, or why it can't be read so."""
    parts = sentence.parts
    match sentence.form:
        case Form.SAME:
            return _synonym(parts["words"], parts["meaning"], parser, calendar)
        case Form.REREAD:
            return _correction(parts["question"], parts["meant"], parser, calendar)
        case Form.LEAVE_OUT:
            return _gotcha(parts["values"], parts["metric"], parser, calendar)
        case Form.CAVEAT:
            return _caveat(parts["metric"], parts["caveat"], parser, calendar)
        case Form.PERIOD:
            return _period(parts["meaning"], parser, calendar)
        case Form.LANGUAGE:
            return Preference(Habit.LANGUAGE, LANGUAGES[parts["meaning"].lower()])
        case Form.SPLIT:
            found = meaning(parts["meaning"], parser, calendar)
            if found is None or found.target is not Target.DIMENSION:
                return f"“{parts['meaning']}” names nothing that numbers are split by"
            return Preference(Habit.SPLIT, name=found.name)
        case Form.FILTER:
            return _filter(parts.get("dimension", ""), parts["meaning"], parser, calendar)


def _synonym(words: str, means: str, parser: Parser, calendar: Calendar) -> Payload | str:
    found = meaning(means, parser, calendar)
    if found is None or found.period is not None:
        reread = _correction(words, means, parser, calendar) if words.rstrip().endswith("?") else None
        if isinstance(reread, Correction):
            return reread
        return (
            f"“{means}” is not one metric, dimension or value that I know, so I can't tell what “{words}” is to mean; "
            "a new number is defined in business/metrics.json"
        )
    if len(words) > LONGEST_WORDS or len(words.split()) > MOST_WORDS:
        return f"“{words[:LONGEST_WORDS]}” is too long for a word that means something; {MOST_WORDS} words are the most"
    return Synonym((words,), found.target, found.name, found.values)


def _correction(question: str, meant: str, parser: Parser, calendar: Calendar) -> Payload | str:
    plan = parser.plan(meant, calendar)
    if isinstance(plan, Clarification | Refusal):
        strange = ", ".join(f"“{word}”" for word in plan.words)
        return f"“{meant}” is no question that I can answer" + (f": {strange} is strange to me" if strange else "")
    return Correction(question, meant)


def _gotcha(values: str, metric: str, parser: Parser, calendar: Calendar) -> Payload | str:
    counted = _metric(metric, parser, calendar)
    if isinstance(counted, str):
        return counted
    left_out = meaning(values, parser, calendar)
    if left_out is None or left_out.target is not Target.VALUE:
        return f"“{values}” names no values of one dimension, so nothing can be left out by it"
    start, end = _days(counted)
    return Gotcha(counted.name, left_out.name, left_out.values, start=start, end=end)


def _caveat(metric: str, caveat: str, parser: Parser, calendar: Calendar) -> Payload | str:
    counted = _metric(metric, parser, calendar)
    if isinstance(counted, str):
        return counted
    start, end = _days(counted)
    return Gotcha(counted.name, caveat=caveat, start=start, end=end)


def _metric(text: str, parser: Parser, calendar: Calendar) -> Meaning | str:
    found = meaning(text, parser, calendar)
    if found is None or found.target is not Target.METRIC:
        return f"“{text}” is not one metric that I know"
    return found


def _days(counted: Meaning) -> tuple[date | None, date | None]:
    if counted.period is None:
        return None, None
    last = counted.period.end if counted.period.to_now else counted.period.end - timedelta(microseconds=1)
    return counted.period.start.date(), last.date()


def _period(words: str, parser: Parser, calendar: Calendar) -> Payload | str:
    """Read beside the primary metric, in either language: a period is in words of its own."""
    name = parser.model.catalog.rules.primary_metric
    label = parser.model.catalog.metrics[name].label
    for tickets in dict.fromkeys(label.values()):
        plan = parser.plan(f"{tickets} {words}", calendar)
        if isinstance(plan, MetricPlan) and plan.query.period is not None and not plan.assumptions:
            return Preference(Habit.PERIOD, words)
    return f"“{words}” is no period that I know"


def _filter(dimension: str, values: str, parser: Parser, calendar: Calendar) -> Payload | str:
    found = meaning(f"{dimension} {values}".strip(), parser, calendar)
    if found is None or found.target is not Target.VALUE:
        return f"“{values}” names no values of one dimension"
    return Preference(Habit.FILTER, name=found.name, values=found.values)
