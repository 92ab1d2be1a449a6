"""Questions in the files: each goes where it says."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.check.rule import Found, Rule
from dash_agent.check.sound import words_left_out
from dash_agent.check.subject import Subject
from dash_agent.context.content import RULES as RULES_FILE
from dash_agent.models.plan import (
    Clarification,
    ListPlan,
    MetricPlan,
    PatternPlan,
    Plan,
    Refusal,
    RefusalReason,
    SqlPlan,
)
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import Analyser


def examples_lead_here(subject: Subject) -> Iterator[Found]:
    """A question in a pattern's header is sent to that pattern."""
    asking = _Asking(subject)
    for name, pattern in subject.content.patterns.items():
        if subject.model is None or name not in subject.model.catalog.patterns:
            continue
        for language, questions in pattern.header.questions.items():
            for index, question in enumerate(questions):
                plan = asking.plan(question)
                if plan is not None and not (isinstance(plan, PatternPlan) and plan.name == name):
                    said = f"'{question}' {_went(plan)}, not to this pattern"
                    yield Found(pattern.file, f"questions.{language}[{index}]", said)


def examples_are_answered(subject: Subject) -> Iterator[Found]:
    """A question that is given as an example in rules.json gets an answer."""
    asking = _Asking(subject)
    examples = subject.content.rules.examples if subject.content.rules is not None else {}
    for language, questions in examples.items():
        for index, question in enumerate(questions):
            plan = asking.plan(question)
            if isinstance(plan, Refusal | Clarification):
                yield Found(RULES_FILE, f"examples.{language}[{index}]", f"'{question}' {_went(plan)}")


class _Asking:
    """Plans questions, as far as that can be judged: not where a word of theirs stands in a part with errors, and
    not where it may be a value that only the database knows."""

    def __init__(self, subject: Subject) -> None:
        self._parser: Parser | None = subject.parser
        self._calendar = subject.calendar
        self._analyser = Analyser()
        self._doubtful: set[str] = set()
        self._values_unknown = False
        if subject.model is not None:
            catalog = subject.model.catalog
            texts = words_left_out(subject.content, catalog)
            self._doubtful = {lemma for text in texts for lemma in self._lemmas(text)}
            learned = {
                name
                for name, dimension in catalog.dimensions.items()
                if _is_learned(subject, dimension.column) and not subject.live_values.get(name)
            }
            self._values_unknown = bool(learned)

    def _lemmas(self, text: str) -> set[str]:
        return {lemma for token in self._analyser.tokens(text) for lemma in token.lemmas}

    def plan(self, question: str) -> Plan | None:
        if self._parser is None or self._lemmas(question) & self._doubtful:
            return None
        plan = self._parser.plan(question, self._calendar)
        unknown_words = isinstance(plan, Refusal) and plan.reason is RefusalReason.NO_SUCH_DATA
        return None if unknown_words and self._values_unknown else plan


def _is_learned(subject: Subject, dotted: str) -> bool:
    table, _, name = dotted.partition(".")
    column = subject.content.tables[table].column(name)
    return column is not None and column.values == "live"


def _went(plan: Plan) -> str:
    match plan:
        case PatternPlan():
            return f"goes to the pattern '{plan.name}'"
        case MetricPlan():
            return f"goes to the metric{'s' if len(plan.query.metrics) > 1 else ''} {', '.join(plan.query.metrics)}"
        case ListPlan():
            return f"goes to a list of '{plan.query.table}'"
        case SqlPlan():
            return "goes to a model"
        case Clarification():
            words = ", ".join(f"'{word}'" for word in plan.words)
            return f"is asked back{f' for {words}' if words else ''}"
        case Refusal():
            words = ", ".join(f"'{word}'" for word in plan.words)
            return f"is refused{f' for {words}' if words else ''}"


RULES = (
    Rule("example-astray", examples_lead_here),
    Rule("example-refused", examples_are_answered),
)
