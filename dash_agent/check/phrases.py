"""Phrases that have a meaning of their own, and those that have two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dash_agent.check.subject import Subject
from dash_agent.context.content import DIMENSIONS, METRICS, VALUES
from dash_agent.context.content import RULES as RULES_FILE
from dash_agent.planning.lexicon import ARTICLES, COMPARATIVES, LEANING, LONG
from dash_agent.planning.tokens import Analyser, normal


@dataclass(frozen=True, slots=True)
class Phrase:
    """meaning: what it stands for, as `shared_words` of rules.json names it, with what tells one value from another.

    ordered: its words keep their order wherever they stand.
    """

    file: str
    place: str
    text: str
    kind: str
    which: str = ""
    ordered: bool = False

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
        for side, texts in (("most", metric.superlatives.most), ("least", metric.superlatives.least)):
            # Several metrics may have one: what the question splits by tells which is meant.
            for phrase in _of(METRICS, f"{place}.superlatives.{side}", texts, side):
                yield replace(phrase, ordered=True)
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
            yield Phrase(file, f"{place}.{language}[{index}]", text, kind, which, _keeps_order(text))


def _keeps_order(text: str) -> bool:
    """As the planner has it: a long phrase, one that a little word opens or closes, and one that compares."""
    words = normal(text).split() or [""]
    return len(words) >= LONG or bool({words[0], words[-1]} & LEANING) or not COMPARATIVES.isdisjoint(words)


def clashes(subject: Subject) -> Iterator[tuple[Phrase, Phrase]]:
    """An earlier phrase and a later one that means something else, in the same words; once for each meaning."""
    analyser = Analyser()
    found: dict[tuple[str, ...], list[tuple[Phrase, tuple[str, ...]]]] = defaultdict(list)
    for phrase in phrases(subject):
        words = _forms(analyser, phrase.text)
        if not words:
            continue  # a problem of its own
        alike = found[tuple(sorted(words))]
        same = (other for other, order in alike if order == words or not (other.ordered and phrase.ordered))
        meanings: dict[str, Phrase] = {}
        for other in same:
            meanings.setdefault(other.meaning, other)
        if phrase.meaning not in meanings:
            yield from ((other, phrase) for other in meanings.values())
        alike.append((phrase, words))


def _forms(analyser: Analyser, text: str) -> tuple[str, ...]:
    """The words that tell a phrase from another, articles left out.

    English words count as they stand: of two that differ in form alone, the one that the question has wins. Of a
    Russian word it is the shortest form, which is the stem's or the dictionary's nearest.
    """
    norms = tuple(token.norm for token in analyser.tokens(text))
    bare = tuple(norm for norm in norms if norm not in ARTICLES) or norms
    return tuple(norm if norm.isascii() else _shortest(analyser.forms(norm)[0]) for norm in bare)


def _shortest(forms: Collection[str]) -> str:
    return min(forms, key=lambda form: (len(form), form))
