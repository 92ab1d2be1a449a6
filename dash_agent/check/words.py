"""Words: in both languages, and each with one meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.content import DIMENSIONS, METRICS, VALUES
from dash_agent.context.content import RULES as RULES_FILE
from dash_agent.context.files import nearest
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.tokens import Analyser

CODES: Final = tuple(language.code for language in LANGUAGES)


@dataclass(frozen=True, slots=True)
class Worded:
    """Something with words of its own. kind: such as 'label' or 'synonyms', the key in the file.

    needed: whether it is to have them at all; what has some is to have them in every language anyway.
    """

    file: str
    place: str
    texts: Mapping[str, object]
    needed: bool = True


def _worded(subject: Subject) -> Iterator[Worded]:
    content = subject.content
    for file, table in subject.tables:
        yield Worded(file, "label", table.label)
        yield Worded(file, "synonyms", table.synonyms, needed=False)
        for index, column in enumerate(table.columns):
            yield Worded(file, f"columns[{index}].label", column.label, needed=False)
    for place, metric in subject.metrics:
        yield Worded(METRICS, f"{place}.label", metric.label)
        yield Worded(METRICS, f"{place}.synonyms", metric.synonyms, needed=False)
    for index, dimension in enumerate(content.dimensions):
        yield Worded(DIMENSIONS, f"dimensions[{index}].label", dimension.label)
        yield Worded(DIMENSIONS, f"dimensions[{index}].synonyms", dimension.synonyms)
    for index, value in enumerate(content.values):
        yield Worded(VALUES, f"values[{index}].label", value.label)
    for index, bundle in enumerate(content.bundles):
        yield Worded(RULES_FILE, f"bundles[{index}].label", bundle.label)
        yield Worded(RULES_FILE, f"bundles[{index}].synonyms", bundle.synonyms)
    if content.rules is not None:
        for index, topic in enumerate(content.rules.topics):
            yield Worded(RULES_FILE, f"topics[{index}].synonyms", topic.synonyms)
        yield Worded(RULES_FILE, "unavailable", content.rules.unavailable, needed=False)
        yield Worded(RULES_FILE, "examples", content.rules.examples, needed=False)
    for pattern in content.patterns.values():
        header = pattern.header
        yield Worded(pattern.file, "label", header.label)
        yield Worded(pattern.file, "phrases", header.phrases, needed=header.metric is None)
        yield Worded(pattern.file, "questions", header.questions)
        for name, output in header.columns.items():
            yield Worded(pattern.file, f"columns.{name}.label", output.label)


def every_language_is_there(subject: Subject) -> Iterator[Found]:
    """Labels, and words where there are any, stand in every language that the planner knows: `en` and `ru`.

    Words for values are free: the stored value is a word by itself.
    """
    for worded in _worded(subject):
        given = [code for code in CODES if _has(worded.texts, code)]
        misnamed = any(code not in CODES for code in worded.texts)
        if len(given) == len(CODES) or misnamed or (not worded.needed and not worded.texts):
            continue
        missing = " and ".join(f"'{code}'" for code in CODES if code not in given)
        key = worded.place.rpartition(".")[2]
        yield Found(worded.file, worded.place, f"'{key}' has nothing in {missing}")


def _has(texts: Mapping[str, object], code: str) -> bool:
    text = texts.get(code)
    return bool(text.strip() if isinstance(text, str) else text)


def languages_are_known(subject: Subject) -> Iterator[Found]:
    """Labels and words stand under the code of a language that the planner knows."""
    values = enumerate(subject.content.values)
    of_values = (Worded(VALUES, f"values[{index}].synonyms", value.synonyms) for index, value in values)
    for worded in (*_worded(subject), *of_values):
        for code in worded.texts:
            if code not in CODES:
                known = " and ".join(f"'{one}'" for one in CODES)
                close = nearest(code.lower(), CODES) or f"; the planner knows {known}"
                yield Found(worded.file, f"{worded.place}.{code}", f"'{code}' is no language here{close}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """meaning: what it stands for, as `shared_words` of rules.json names it, with what tells one value from another."""

    file: str
    place: str
    text: str
    kind: str
    which: str = ""

    @property
    def meaning(self) -> str:
        return f"{self.kind} {self.which}".strip()


def phrases(subject: Subject) -> Iterator[Phrase]:
    """Every phrase that has one meaning. A table's words may be a metric's, and a list's its metric's."""
    content = subject.content
    for place, metric in subject.metrics:
        if metric.synonyms:
            yield Phrase(METRICS, f"{place}.name", metric.name.replace("_", " "), f"metric {metric.name}")
        yield from _of(METRICS, f"{place}.synonyms", metric.synonyms, f"metric {metric.name}")
    for index, dimension in enumerate(content.dimensions):
        place, kind = f"dimensions[{index}]", f"dimension {dimension.name}"
        yield Phrase(DIMENSIONS, f"{place}.name", dimension.name.replace("_", " "), kind)
        yield from _of(DIMENSIONS, f"{place}.synonyms", dimension.synonyms, kind)
    for index, value in enumerate(content.values):
        kind, which = f"value {value.dimension}", " ".join(value.stored)
        yield from _of(VALUES, f"values[{index}].synonyms", value.synonyms, kind, which)
    for index, bundle in enumerate(content.bundles):
        yield from _of(RULES_FILE, f"bundles[{index}].synonyms", bundle.synonyms, f"bundle {bundle.name}")
    for pattern in content.patterns.values():
        if pattern.header.kind == "report":
            yield from _of(pattern.file, "phrases", pattern.header.phrases, f"pattern {pattern.header.name}")
    if content.rules is not None:
        for index, topic in enumerate(content.rules.topics):
            yield from _of(RULES_FILE, f"topics[{index}].synonyms", topic.synonyms, f"topic {topic.name}")
        yield from _of(RULES_FILE, "unavailable", content.rules.unavailable, "unavailable")


def _of(file: str, place: str, words: Mapping[str, Sequence[str]], kind: str, which: str = "") -> Iterator[Phrase]:
    for language, texts in words.items():
        for index, text in enumerate(texts):
            yield Phrase(file, f"{place}.{language}[{index}]", text, kind, which)


def words_have_one_meaning(subject: Subject) -> Iterator[Found]:
    """A phrase means one thing, by its words' dictionary forms and in any order; `shared_words` names exceptions."""
    for first, other in _clashes(subject):
        # Two values of one dimension are never told apart, whatever else may share its words.
        one_kind = first.kind == other.kind
        if one_kind or not any({first.kind, other.kind} <= shared for shared in _shared(subject)):
            said = f"'{other.text}' stands here for {_said(other)}, and "
            said += f"'{first.text}' " if first.text != other.text else ""
            said += f"for {_said(first)} in {first.file}: {first.place}"
            yield Found(other.file, other.place, said)


def _said(phrase: Phrase) -> str:
    if phrase.kind == "unavailable":
        return "what the data does not hold"
    kind, _, name = phrase.kind.partition(" ")
    return f"the value '{phrase.which}' of {name}" if kind == "value" else f"the {kind} '{name}'"


def exceptions_are_needed(subject: Subject) -> Iterator[Found]:
    """An exception in `shared_words` is still one: some phrase has the meanings that it names."""
    clashes = [{first.kind, other.kind} for first, other in _clashes(subject)]
    for index, shared in enumerate(_shared(subject)):
        if not any(clash <= shared for clash in clashes):
            yield Found(RULES_FILE, f"shared_words[{index}]", "no phrase has these meanings together any more")


def _shared(subject: Subject) -> list[frozenset[str]]:
    rules = subject.content.rules
    return [frozenset(shared.meanings) for shared in rules.shared_words] if rules is not None else []


def _clashes(subject: Subject) -> Iterator[tuple[Phrase, Phrase]]:
    """The first phrase of a form, and each later one that means something else, once for each meaning."""
    analyser = Analyser()
    found: dict[tuple[str, ...], dict[str, Phrase]] = defaultdict(dict)
    for phrase in phrases(subject):
        meanings = found[_form(analyser, phrase.text)]
        if phrase.meaning not in meanings:
            for earlier in meanings.values():
                yield earlier, phrase
            meanings[phrase.meaning] = phrase


def _form(analyser: Analyser, text: str) -> tuple[str, ...]:
    """Words side by side match in any order, so a phrase is the set of its words' forms.

    English words count as they stand: of two that differ in form alone, the one that the question has wins. Of a
    Russian word it is the shortest form, which is the stem's or the dictionary's nearest.
    """
    norms = (token.norm for token in analyser.tokens(text))
    return tuple(sorted(norm if norm.isascii() else _shortest(analyser.forms(norm)[0]) for norm in norms))


def _shortest(forms: Collection[str]) -> str:
    return min(forms, key=lambda form: (len(form), form))


RULES = (
    Rule("language-missing", every_language_is_there, "warning"),
    Rule("language-unknown", languages_are_known),
    Rule("words-clash", words_have_one_meaning),
    Rule("words-shared", exceptions_are_needed, "warning"),
)
