"""A learning as a patch of the content files, for people to look at and put into git. Nothing is promoted silently."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dash_agent.context.content import DIMENSIONS, METRICS, VALUES
from dash_agent.errors import WrongUse
from dash_agent.learning.json_text import Entry, with_entry, with_words
from dash_agent.models.learning import Gotcha, Learning, PatternCandidate, Synonym, Target
from dash_agent.planning.learned.same import look
from dash_agent.planning.tokens import language_of

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Patch:
    """file: relative to the content folder. before: '' of a new one."""

    file: str
    before: str
    after: str

    @property
    def text(self) -> str:
        """A unified diff, as `git apply` takes it."""
        old = self.before.splitlines(keepends=True)
        new = self.after.splitlines(keepends=True)
        named = f"a/{self.file}" if self.before else "/dev/null"
        return "".join(difflib.unified_diff(old, new, named, f"b/{self.file}"))


def patch(learning: Learning, files: Files, answer: Mapping[str, object] | None = None) -> Patch:
    """files: texts by path. answer: the one that a pattern candidate comes from, as it went out.

    Raises WrongUse for what has no place in the files, and where they have it already.
    """
    payload = learning.payload
    match payload:
        case Synonym():
            return _synonym(payload, files)
        case PatternCandidate():
            return _pattern(payload, files, answer or {})
        case Gotcha():
            hint = f"put it into the definition of '{payload.metric}' in {METRICS}, and retire the learning"
            raise WrongUse("a rule about a metric is a change of its definition, which is an analyst's to word", hint)
        case _:
            raise WrongUse(f"a {learning.kind} has no place in the content files", "teach a synonym, or a pattern")


def _synonym(synonym: Synonym, files: Files) -> Patch:
    file, key = {
        Target.METRIC: (METRICS, "metrics"),
        Target.DIMENSION: (DIMENSIONS, "dimensions"),
        Target.VALUE: (VALUES, "values"),
    }[synonym.target]
    before = after = files[file]
    for language, words in _by_language(synonym.phrasings).items():
        after = _added(after, key, synonym, language, words)
    if after == before:
        raise WrongUse(f"{file} has these words already", "retire the learning")
    return Patch(file, before, after)


def _by_language(phrasings: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for words in phrasings:
        found.setdefault(language_of(words, "en"), []).append(words.lower() if len(words) > 2 else words)
    return found


def _added(text: str, key: str, synonym: Synonym, language: str, words: Sequence[str]) -> str:
    def wanted(entry: Entry) -> bool:
        if synonym.target is not Target.VALUE:
            return entry.get("name") == synonym.name
        stored = (entry["value"],) if "value" in entry else tuple(_texts(entry.get("values")))
        return entry.get("dimension") == synonym.name and stored == synonym.values

    path = ("synonyms", language)
    known = _known(text, key, wanted, path)
    new = [one for one in words if look(one) not in map(look, known)]
    if not new:
        return text
    try:
        return with_words(text, key, wanted, path, new)
    except KeyError:
        if synonym.target is not Target.VALUE:
            raise WrongUse(f"there is no {synonym.target} '{synonym.name}' in the files any more") from None
        return with_entry(text, key, _value_entry(synonym, language, new))


def _known(text: str, key: str, wanted: Callable[[Entry], bool], path: Sequence[str]) -> Sequence[str]:
    for entry in json.loads(text)[key]:
        if wanted(entry):
            return _texts(entry.get(path[0], {}).get(path[1]))
    return ()


def _texts(value: object) -> Sequence[str]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _value_entry(synonym: Synonym, language: str, words: Sequence[str]) -> Entry:
    if len(synonym.values) == 1:
        named: Entry = {"dimension": synonym.name, "value": synonym.values[0]}
    else:
        name = "_".join(re.findall(r"\w+", words[0].lower()))
        named = {"dimension": synonym.name, "values": list(synonym.values), "name": name}
    label = words[0][:1].upper() + words[0][1:]
    return {**named, "label": {"en": label, "ru": label}, "synonyms": {language: list(words)}}


def _pattern(candidate: PatternCandidate, files: Files, answer: Mapping[str, object]) -> Patch:
    file = f"queries/{candidate.name}.sql"
    if file in files:
        raise WrongUse(f"{file} is there already", "compare the two, and retire the learning")
    columns = answer.get("columns")
    if not isinstance(columns, list) or not columns:
        raise WrongUse(f"the answer that '{candidate.name}' comes from is not kept", "ask the question again")
    language = language_of(candidate.question, "en")
    phrase = " ".join(look(candidate.question))
    label = candidate.name.replace("_", " ").capitalize()
    header = [
        f"name: {candidate.name}",
        f"label: {{en: {label}, ru: {label}}}",
        "description: >-",
        f"  {_sentence(candidate.question)}",
        "phrases:",
        f"  {language}:",
        f"    - {quoted(phrase)}",
        "questions:",
        f"  {language}:",
        f"    - {quoted(candidate.question)}",
        "columns:",
        *(f"  {_column(one)}" for one in columns if isinstance(one, Mapping)),
    ]
    return Patch(file, "", "/*\n" + "\n".join(header) + "\n*/\n" + candidate.sql.strip().rstrip(";") + "\n")


def _column(column: Mapping[str, object]) -> str:
    """As the answer showed it; a column without a declared role is a number where it holds numbers."""
    name, role = str(column["name"]), str(column["role"])
    if role == "helper":
        role = "metric" if column.get("type") in ("integer", "number") else "dimension"
    unit = f", unit: {column.get('unit') or 'count'}" if role == "metric" else ""
    label = quoted(name.replace("_", " ").capitalize())
    return f"{name}: {{role: {role}{unit}, label: {{en: {label}, ru: {label}}}}}"


def _sentence(question: str) -> str:
    return f"The answer to: {' '.join(question.replace('*/', ' ').split())}"


def quoted(text: str) -> str:
    """As a YAML text between single quotes; it can't end the comment that the header stands in."""
    plain = " ".join(text.replace("*/", " ").split())
    return "'" + plain.replace("'", "''") + "'"
