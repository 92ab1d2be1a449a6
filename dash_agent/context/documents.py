"""Layer 4, institutional knowledge: `knowledge/{policies,faq,categories}/*.md`, front matter and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from dash_agent.context.files import FileModel, read_text, read_yaml
from dash_agent.errors import Problem

FOLDERS: Final = {"policies": "policy", "faq": "faq", "categories": "category"}
"""Folder of `knowledge/` → the kind of document that it holds."""

FENCE: Final = "---"

ANSWERED_IN: Final = ("en", "ru", "he", "es", "fr", "de")
"""Languages that customers are answered in."""

Answers = dict[str, str]
"""A whole answer for customers, by language (ISO 639-1)."""


class FrontMatter(FileModel):
    """What stands above a document's text."""

    title: str
    """The document's title."""
    kind: Literal["policy", "faq", "category"]
    """As the folder says."""
    summary: str
    """One sentence of what it settles."""
    audience: Literal["customers", "staff"]
    """'customers' where the support agent may quote it to them."""
    owner: str
    """The team that answers for it."""
    reviewed: date
    """When it was last held against practice."""
    review_by: date
    """When it is to be held against practice again."""
    category: str | None = None
    """The request category that the document is about; a category page names exactly one."""
    tags: list[str] = []
    """Words to find it by."""
    examples: dict[str, list[str]] = Field(default={})
    """On a category page, what customers write, by language (ISO 639-1)."""
    answers: Answers = Field(default={})
    """On a page for customers, what they are answered from the whole of it, by language (ISO 639-1)."""
    section_answers: dict[str, Answers] = Field(default={})
    """What they are answered from one of its sections: by heading, then by language."""


class Document(FileModel):
    """file: path relative to the content folder. text: the Markdown below the front matter."""

    front: FrontMatter
    text: str
    file: str


def read_documents(root: Path) -> tuple[Sequence[Document], Sequence[Problem]]:
    """Every document that can be read, in file order, and the problems of the others."""
    documents, problems = [], []
    for path in sorted((root / "knowledge").glob("*/*.md")):
        found = read_document(path, f"knowledge/{path.parent.name}/{path.name}")
        if isinstance(found, list):
            problems.extend(found)
        else:
            documents.append(found)
    return documents, problems


def read_document(path: Path, file: str) -> Document | list[Problem]:
    text = read_text(path, file)
    if isinstance(text, Problem):
        return [text]
    opening, _, rest = text.partition(f"{FENCE}\n")
    header, closing, body = rest.partition(f"\n{FENCE}\n")
    if opening or not closing:
        message = f"the file starts with front matter between two lines of '{FENCE}'"
        return [Problem(file, "line 1", message, rule="syntax", line=1)]
    front = read_yaml(header, file, FrontMatter, called="front matter", first_line=2)
    if front.problems or front.value is None:
        return list(front.problems)
    wanted = FOLDERS.get(path.parent.name)
    if front.value.kind != wanted:
        named = f"'{wanted}'" if wanted else "no kind of document"
        message = f"'{front.value.kind}' is given, and knowledge/{path.parent.name}/ holds {named}"
        return [Problem(file, "kind", message, rule="file-name")]
    return Document(front=front.value, text=body.strip(), file=file)
