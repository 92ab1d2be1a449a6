"""What customers write, by category: the examples of the category pages and the phrases of the router."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import yaml
from pydantic import TypeAdapter

STORY: Final = "story"
"""The class of what is told around a matter: greetings, reasons, thanks."""

Phrases = Mapping[str, Mapping[str, Sequence[str]]]


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
    folder = files("support_agent.router") / "phrases"
    adapter = TypeAdapter(dict[str, list[str]])
    found = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            data = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
            found[file.name.removesuffix(".yaml")] = adapter.validate_python(data)
    return found


def examples(pages: Iterable[CategoryPage]) -> list[Example]:
    """Of every page, in every language, and of stories. A category needs its page's examples and no more."""
    more = phrases()
    stories = [Example(STORY, code, text) for code, by_class in more.items() for text in by_class.get(STORY, ())]
    return stories + [
        Example(page.name, code, text)
        for page in pages
        for code in sorted({*page.examples, *more})
        for text in dict.fromkeys((*page.examples.get(code, ()), *more.get(code, {}).get(page.name, ())))
    ]
