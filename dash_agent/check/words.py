"""Words: in both languages, and each with one meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dash_agent.check.phrases import Phrase, clashes
from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.content import DIMENSIONS, METRICS, VALUES
from dash_agent.context.content import RULES as RULES_FILE
from dash_agent.context.files import nearest
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.tokens import Analyser, normal

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
        for side, texts in (("most", metric.superlatives.most), ("least", metric.superlatives.least)):
            yield Worded(METRICS, f"{place}.superlatives.{side}", texts, needed=False)
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


def _all_worded(subject: Subject) -> Iterator[Worded]:
    """Words for values among them."""
    yield from _worded(subject)
    for index, value in enumerate(subject.content.values):
        yield Worded(VALUES, f"values[{index}].synonyms", value.synonyms)


def _has(texts: Mapping[str, object], code: str) -> bool:
    text = texts.get(code)
    return bool(text.strip() if isinstance(text, str) else text)


def languages_are_known(subject: Subject) -> Iterator[Found]:
    """Labels and words stand under the code of a language that the planner knows."""
    for worded in _all_worded(subject):
        for code in worded.texts:
            if code not in CODES:
                known = " and ".join(f"'{one}'" for one in CODES)
                close = nearest(code.lower(), CODES) or f"; the planner knows {known}"
                yield Found(worded.file, f"{worded.place}.{code}", f"'{code}' is no language here{close}")


def phrases_hold_words(subject: Subject) -> Iterator[Found]:
    """A phrase holds a word or a number: one without means nothing."""
    analyser = Analyser()
    for worded, code, texts in _lists(subject):
        for index, text in enumerate(texts):
            if not analyser.words(text):
                said = f"'{text}' holds no word; write one, or leave it out"
                yield Found(worded.file, f"{worded.place}.{code}[{index}]", said)


def phrases_stand_once(subject: Subject) -> Iterator[Found]:
    """A phrase stands once in its list."""
    for worded, code, texts in _lists(subject):
        first: dict[str, int] = {}
        for index, text in enumerate(texts):
            if first.setdefault(normal(text), index) != index:
                said = f"'{text}' stands in this list already, as {code}[{first[normal(text)]}]; leave it out"
                yield Found(worded.file, f"{worded.place}.{code}[{index}]", said)


def _lists(subject: Subject) -> Iterator[tuple[Worded, str, Sequence[str]]]:
    for worded in _all_worded(subject):
        for code, texts in worded.texts.items():
            if isinstance(texts, list):
                yield worded, code, texts


def words_have_one_meaning(subject: Subject) -> Iterator[Found]:
    """A phrase means one thing, by its words' dictionary forms; `shared_words` names exceptions.

    The order of words counts where the planner keeps it: in superlatives, in phrases of four words and more, in those
    that a little word opens or closes ('in', 'not'), and in those that compare ('than', 'better').
    """
    for first, other in clashes(subject):
        # Two values of one dimension are never told apart, whatever else may share its words.
        one_kind = first.kind == other.kind
        if one_kind or not any({first.kind, other.kind} <= shared for shared in _shared(subject)):
            said = f"'{other.text}' stands here for {_said(other)}, and "
            said += f"'{first.text}' " if first.text != other.text else ""
            said += f"for {_said(first)} in {first.file}: {first.place}"
            yield Found(other.file, other.place, said)


def _said(phrase: Phrase) -> str:
    if phrase.kind in _PLAIN_KINDS:
        return _PLAIN_KINDS[phrase.kind]
    kind, _, name = phrase.kind.partition(" ")
    return f"the value '{phrase.which}' of {name}" if kind == "value" else f"the {kind} '{name}'"


_PLAIN_KINDS: Final = {
    "unavailable": "what the data does not hold",
    "most": "the most of a metric",
    "least": "the least of a metric",
}
"""Kinds that have no name of their own."""


def exceptions_are_needed(subject: Subject) -> Iterator[Found]:
    """An exception in `shared_words` is still one: some phrase has the meanings that it names."""
    found = [{first.kind, other.kind} for first, other in clashes(subject)]
    for index, shared in enumerate(_shared(subject)):
        if not any(clash <= shared for clash in found):
            yield Found(RULES_FILE, f"shared_words[{index}]", "no phrase has these meanings together any more")


def _shared(subject: Subject) -> list[frozenset[str]]:
    rules = subject.content.rules
    return [frozenset(shared.meanings) for shared in rules.shared_words] if rules is not None else []


RULES = (
    Rule("language-missing", every_language_is_there, "warning"),
    Rule("language-unknown", languages_are_known),
    Rule("words-empty", phrases_hold_words),
    Rule("words-twice", phrases_stand_once, "warning"),
    Rule("words-clash", words_have_one_meaning),
    Rule("words-shared", exceptions_are_needed, "warning"),
)
