"""What customers write, by category: the examples of the category pages, and the phrases and letters of the router."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import yaml
from pydantic import TypeAdapter

STORY: Final = "story"
"""The class of what is told around a matter: greetings, reasons, thanks."""

Phrases = Mapping[str, Mapping[str, Sequence[str]]]

Letter = Sequence[tuple[str, str]]
"""A message by its parts, in order: the category of each, or STORY, and its words. Joined by blanks they are it."""

Letters = Mapping[str, Sequence[Letter]]

PART_WORDS: Final = 2
"""A shorter part of a letter is no example of anything."""


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """What the router knows of a category: its name, what staff call it, and examples by language."""

    name: str
    title: str
    examples: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Example:
    category: str
    language: str
    text: str


def phrases() -> Phrases:
    """phrases/<language>.yaml: by language and category, and STORY."""
    adapter = TypeAdapter(dict[str, list[str]])
    return {language: adapter.validate_python(data) for language, data in _files("phrases")}


def letters() -> Letters:
    """letters/<language>.yaml: by language."""
    adapter = TypeAdapter(list[list[dict[str, str]]])
    listed = {language: adapter.validate_python(data) for language, data in _files("letters")}
    return {
        language: [[pair for part in parts for pair in part.items()] for parts in found]
        for language, found in listed.items()
    }


def examples(pages: Iterable[CategoryPage], of_letters: Letters | None = None) -> list[Example]:
    """Of every page, in every language, and of stories. A category needs its page's examples and no more.

    of_letters: instead of all those that there are.
    """
    more = _by_class(phrases(), letters() if of_letters is None else of_letters)
    stories = [Example(STORY, code, text) for code, by_class in more.items() for text in by_class.get(STORY, ())]
    return stories + [
        Example(page.name, code, text)
        for page in pages
        for code in sorted({*page.examples, *more})
        for text in dict.fromkeys((*page.examples.get(code, ()), *more.get(code, {}).get(page.name, ())))
    ]


def _by_class(lines: Phrases, of_letters: Letters) -> Phrases:
    """By language and category: the phrases, and the parts of letters."""
    found = {language: {name: list(texts) for name, texts in classes.items()} for language, classes in lines.items()}
    for language, listed in of_letters.items():
        for name, words in (part for letter in listed for part in letter):
            if len(words.split()) >= PART_WORDS:
                found.setdefault(language, {}).setdefault(name, []).append(words)
    return {lang: {name: [*dict.fromkeys(texts)] for name, texts in of.items()} for lang, of in found.items()}


def _files(folder: str) -> Iterator[tuple[str, object]]:
    """By language, what the files of a folder hold."""
    for file in sorted((files("support_agent.router") / folder).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            yield file.name.removesuffix(".yaml"), yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506
