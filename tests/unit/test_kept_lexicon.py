"""A lexicon that another process made reads as one that is made anew, and is made anew where it is not the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from dash_agent.adapters.shelf import FolderShelf
from dash_agent.planning.compiled import LEXICON, KeptLexicon
from dash_agent.planning.parser import Parser
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES

Values = Mapping[str, Sequence[str]]
CASES_LISTED: list[dict[str, Any]] = yaml.safe_load((CASES / "plans.yaml").read_text(encoding="utf-8"))
QUESTIONS = [*{turn: None for case in CASES_LISTED for turn in case.get("turns") or [case["ask"]]}]
SLIPS = ("how many tikets were escaleted", "сколко тикетов про оплату", "CSAT by chanel", "тикеты по каналлам")


def version(model: SemanticModel) -> str:
    return model.catalog.version


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, parser: Parser, live: Values) -> FolderShelf:
    """With what one process has kept."""
    made = FolderShelf(tmp_path_factory.mktemp("cache"))
    Parser(parser.model, live, shelf=made).parse(SLIPS[0])
    return made


def test_every_question_reads_the_same(parser: Parser, calendar: Calendar, live: Values, shelf: FolderShelf) -> None:
    assert KeptLexicon(shelf, version(parser.model), live).lexicon() is not None
    kept = Parser(parser.model, live, shelf=shelf)
    assert kept.favourites == parser.favourites
    assert list(kept.phrases) == list(parser.phrases)
    for question in (*QUESTIONS, *SLIPS):
        assert kept.parse(question) == parser.parse(question), question
        assert kept.plan(question, calendar) == parser.plan(question, calendar), question
    for word in ("chanels", "escalatoin", "доставко"):
        assert kept.nearest(word) == parser.nearest(word)


@pytest.mark.parametrize("other", ["content", "values"])
def test_other_content_and_other_values_are_not_taken_for_these(
    other: str, parser: Parser, live: Values, shelf: FolderShelf
) -> None:
    changed = {**live, "channel": [*live["channel"], "fax"]} if other == "values" else live
    named = "another" if other == "content" else version(parser.model)
    assert KeptLexicon(shelf, named, changed).lexicon() is None
    assert KeptLexicon(shelf, named, changed).spelling() is None


def test_a_value_that_is_new_is_known(parser: Parser, calendar: Calendar, live: Values, shelf: FolderShelf) -> None:
    changed = {**live, "channel": [*live["channel"], "fax"]}
    made = Parser(parser.model, changed, shelf=shelf)
    assert made.plan("tickets by fax last week", calendar) != parser.plan("tickets by fax last week", calendar)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"[1, 2"])
def test_a_damaged_file_is_made_anew(
    damage: bytes, parser: Parser, live: Values, tmp_path: Path, calendar: Calendar
) -> None:
    shelf = FolderShelf(tmp_path)
    Parser(parser.model, live, shelf=shelf)
    path = tmp_path / LEXICON
    path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\n" + damage)
    assert KeptLexicon(shelf, version(parser.model), live).lexicon() is None
    made = Parser(parser.model, live, shelf=shelf)
    assert made.plan(QUESTIONS[0], calendar) == parser.plan(QUESTIONS[0], calendar)
    assert KeptLexicon(shelf, version(parser.model), live).lexicon() is not None


def test_a_text_of_another_shape_is_made_anew(parser: Parser, live: Values, tmp_path: Path) -> None:
    """As an older version might have written under the same key."""
    kept = KeptLexicon(shelf := FolderShelf(tmp_path), version(parser.model), live)
    for text in ("{}", "[]", '{"phrases": "", "words": 1}', "nothing"):
        shelf.put(LEXICON, kept._key, text)
        assert kept.lexicon() is None


def test_a_shelf_gives_only_what_was_put_under_the_key(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path / "new")
    assert shelf.get("name", "one") is None
    shelf.put("name", "one", "текст\n\nwith lines")
    assert shelf.get("name", "one") == "текст\n\nwith lines"
    assert shelf.get("name", "two") is None
    shelf.put("name", "two", "other")
    assert shelf.get("name", "one") is None
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["name"]


def test_a_shelf_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = FolderShelf(tmp_path / "file")
    shelf.put("name", "key", "text")
    assert shelf.get("name", "key") is None
