"""What the agent may do in each category: a row of ai_answerer_instructions, a page, and these lines of support.json.

A new category is those three, and no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dash_agent.errors import WrongUse

FILE: Final = Path("business") / "support.json"
Effort = Literal["none", "low", "medium", "high"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CategoryEntry(_Entry):
    """look: lookups. act: tools that change something, the usual one first. model, effort: with a key.

    hands_over: subtypes that go to a person at once. people: all of it does. examples: what customers write, by
    language, where no page of knowledge/categories/ says it. pages: subtypes that a page answers. said: those that one
    text answers, by its key. leaving: the wish to leave, which has a dialogue of its own.
    team: who picks up what is handed over.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    look: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    model: str | None = None
    effort: Effort = "low"
    hands_over: tuple[str, ...] = ()
    people: bool = False
    examples: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    leaving: bool = False
    pages: tuple[str, ...] = ()
    said: Mapping[str, str] = Field(default_factory=dict)
    team: str | None = None


class PresetEntry(_Entry):
    languages: tuple[str, ...]
    categories: tuple[CategoryEntry, ...]


class OpenedEntry(_Entry):
    """A category that a team lead opened for answers of models without review: who, when and why."""

    category: str
    by: str
    on: date
    why: str


class SupportFile(BaseModel):
    """The part of the file that is about categories; the gate reads its own."""

    model_config = ConfigDict(frozen=True)

    preset: str
    presets: Mapping[str, PresetEntry]
    opened: tuple[OpenedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Categories:
    """Those of the preset that is set."""

    languages: tuple[str, ...]
    by_name: Mapping[str, CategoryEntry]
    opened: frozenset[str] = frozenset()

    def is_opened(self, name: str) -> bool:
        return name in self.opened

    def __getitem__(self, name: str) -> CategoryEntry:
        """One that no line names has pages and nothing else."""
        return self.by_name.get(name) or CategoryEntry(name=name)


def load_categories(content_dir: Path, tools: frozenset[str], preset: str | None = None) -> Categories:
    """Raises WrongUse with the file and the place of what is wrong."""
    path = content_dir / FILE
    try:
        read = SupportFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise WrongUse(f"{FILE}: {error.strerror}", "the support agent needs it; see docs/support.md") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise WrongUse(f"{FILE}: {place}: {first['msg']}", "mend the file") from None
    chosen = read.presets.get(preset or read.preset)
    if chosen is None:
        raise WrongUse(
            f"{FILE}: there is no preset '{preset or read.preset}'", f"name one of {', '.join(read.presets)}"
        )
    for entry in chosen.categories:
        for tool in (*entry.look, *entry.act):
            if tool not in tools:
                raise WrongUse(
                    f"{FILE}: {entry.name}: there is no tool '{tool}'", f"tools are {', '.join(sorted(tools))}"
                )
    opened = frozenset(entry.category for entry in read.opened)
    return Categories(chosen.languages, {entry.name: entry for entry in chosen.categories}, opened)
