"""Searching the six layers on a real server: how often the first five hold what was looked for, and what is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import yaml

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.context.catalog import Catalog
from dash_agent.context.documents import read_documents
from dash_agent.context.passages import passages
from dash_agent.context.ranking import Lexical
from dash_agent.errors import WarehouseUnavailable
from dash_agent.models.planned import Passage
from dash_agent.ports import Documents
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.documents import SqlDocuments
from dash_agent.workbench import Library
from tests.conftest import CASES, ROOT
from tests.e2e.databases import Database
from tests.fakes import FakeDocuments, FakeEmbedder, FakeIntrospection

FILE: list[dict[str, Any]] = yaml.safe_load((CASES / "context_search.yaml").read_text(encoding="utf-8"))

Find = Callable[[str, int], Sequence[Passage]]
logger = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def context(home: Catalog, live: Mapping[str, Sequence[str]]) -> tuple[Passage, ...]:
    return passages(home, read_documents(ROOT)[0], live)


@pytest.fixture(scope="module")
def state(fresh_database: Callable[[], Database]) -> Iterator[Connections]:
    connections = Connections(fresh_database().app)
    yield connections
    connections.close()


@pytest.fixture(scope="module")
def searched(state: Connections, context: tuple[Passage, ...]) -> SqlDocuments:
    documents = SqlDocuments(state, SentenceEncoder())
    documents.index("1", context)
    documents.embed()
    return documents


@pytest.fixture
def database_of_its_own(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def own(database_of_its_own: Database) -> Iterator[Connections]:
    connections = Connections(database_of_its_own.app)
    yield connections
    connections.close()


def passage(name: str, text: str, words: str = "") -> Passage:
    return Passage("rule", name, "business/rules.json", text, words=words)


def names(found: Sequence[Passage]) -> list[str]:
    return [one.name for one in found]


def recall(find: Find) -> float:
    """The part of the cases with one of their passages among the first five."""
    hits = 0
    for case in FILE:
        found = {f"{one.layer}:{one.name}" for one in find(case["question"], 5)}
        hits += bool(found & set(case["finds"]))
    return hits / len(FILE)


def test_the_cases_are_of_this_content(context: tuple[Passage, ...]) -> None:
    known = {f"{one.layer}:{one.name}" for one in context}
    assert [name for case in FILE for name in case["finds"] if name not in known] == []
    assert len({case["question"] for case in FILE}) == len(FILE) >= 60
    assert sum(any("а" <= letter <= "я" for letter in case["question"].lower()) for case in FILE) >= 25


def test_words_and_meanings_together_find_more(searched: SqlDocuments, context: tuple[Passage, ...]) -> None:
    together, by_words, by_meaning = map(recall, (searched.search, searched.by_words, searched.by_meaning))
    logger.info("recall@5: %.3f together, %.3f by words, %.3f by meaning", together, by_words, by_meaning)
    assert together >= 0.88
    assert together > by_words
    assert together > by_meaning
    assert recall(Lexical(context).search) >= 0.8


def test_a_guess_of_the_answer_finds_what_words_do_not(searched: SqlDocuments) -> None:
    asked, guess = "the thing on the board", "customer satisfaction score from one to five, given after a reply"
    assert "csat" not in names(searched.search(asked, 8))
    assert "csat" in names(searched.search(asked, 8, (guess,)))


def test_what_a_planner_finds(searched: SqlDocuments, home: Catalog, live: Mapping[str, Sequence[str]]) -> None:
    """With what the question calls by its name, and with the index unreachable."""
    values = {tuple(home.dimensions[name].column.split(".")): held for name, held in live.items()}
    looks = FakeIntrospection({(table, column): held for (table, column), held in values.items()})
    unreachable = FakeDocuments(failure=WarehouseUnavailable("no connection"))
    whole, alone = (
        Library(home, looks, documents, lambda: read_documents(ROOT)[0]) for documents in (searched, unreachable)
    )
    assert recall(whole.find) >= 0.9
    assert recall(alone.find) >= 0.85
    asked = "How many WhatsApp tickets were escalated because the AI was wrong about a lost parcel?"
    for library in (whole, alone):
        assert "channel=whatsapp" in names(library.find(asked, 15))


@pytest.mark.parametrize("kind", ["fake", "postgres"])
def test_contract(kind: str, own: Connections) -> None:
    documents: Documents = FakeDocuments() if kind == "fake" else SqlDocuments(own, FakeEmbedder())
    assert documents.search("tickets", 3) == ()
    csat = passage("csat", "How satisfied customers are.", "satisfaction, удовлетворённость")
    cost = passage("cost", "What models cost.", "spend, расходы")
    documents.index("1", (csat, cost))
    documents.embed()
    assert names(documents.search("customer satisfaction", 1)) == ["csat"]
    assert names(documents.search("расходы", 1)) == ["cost"]
    assert names(documents.search("расходами", 1)) == ["cost"]
    [found] = documents.search("satisfaction", 1)
    assert (found.layer, found.file, found.text, found.words) == (csat.layer, csat.file, csat.text, csat.words)
    assert found.score > 0
    # What a model made up leads to what the question itself does not name.
    assert "cost" in names(documents.search("budget", 2, also=("what models cost",)))
    documents.index("2", (cost,))
    documents.embed()
    assert names(documents.search("customer satisfaction", 5)) in ([], ["cost"])


def test_only_what_is_new_is_embedded(own: Connections) -> None:
    embedder = FakeEmbedder()
    documents = SqlDocuments(own, embedder)
    first = [passage(f"rule{number}", f"Rule number {number}.") for number in range(40)]
    documents.index("1", first)
    documents.embed()
    assert len(embedder.asked) == 40
    SqlDocuments(own, embedder).index("1", first)
    documents.index("2", [*first[1:], passage("rule0", "Another text.")])
    documents.embed()
    assert embedder.asked[40:] == [". Another text."]


def test_until_all_is_embedded_words_alone_are_searched(own: Connections) -> None:
    documents = SqlDocuments(own, FakeEmbedder({"parcel": "box"}))
    documents.index("1", [passage("box", "A box."), passage("other", "Nothing of it.")])
    assert documents.by_meaning("parcel", 2) == ()
    assert documents.search("parcel", 2) == ()
    documents.embed()
    assert names(documents.by_meaning("a parcel", 2))[:1] == ["box"]


def test_a_server_without_vectors(database_of_its_own: Database, own: Connections) -> None:
    with psycopg.connect(database_of_its_own.owner) as connection:
        connection.execute("DROP EXTENSION vector CASCADE")
    embedder = FakeEmbedder()
    documents = SqlDocuments(own, embedder)
    documents.index("1", [passage("cost", "What models cost.")])
    documents.embed()
    assert names(documents.search("cost of models", 3)) == ["cost"]
    assert documents.by_meaning("cost", 3) == ()
    assert embedder.asked == []


def test_vectors_of_another_size_are_left_aside(own: Connections) -> None:
    documents = SqlDocuments(own, FakeEmbedder())
    documents.index("1", [passage("cost", "What models cost.")])
    documents.embed()
    assert names(SqlDocuments(own, SentenceEncoder()).search("cost", 3)) == ["cost"]


@pytest.mark.parametrize("text", ["", " ", "''", "a & b | !c", "it's (", "\\", "%s %(text)s", "🙂", "тикеты :* <->"])
def test_any_text_can_be_looked_for(searched: SqlDocuments, text: str) -> None:
    assert len(searched.search(text, 3)) <= 3


def test_a_text_that_postgresql_can_not_hold(own: Connections) -> None:
    documents = SqlDocuments(own, None)
    documents.index("1", [passage("odd", "a\0b cost")])
    assert documents.search("cost", 1)[0].text == "a\ufffdb cost"
    assert documents.search("co\0st \ud800", 1) == documents.search("co st", 1)


def test_when_it_was_indexed_is_kept(own: Connections) -> None:
    before = datetime.now(UTC)
    documents = SqlDocuments(own, None)
    documents.index("1", [])
    documents.index("2", [])
    with own.transaction() as connection:
        rows = connection.execute("SELECT version, indexed_at FROM app.document_version").fetchall()
    assert [row[0] for row in rows] == ["2"]
    assert (before - rows[0][1]).total_seconds() < 60
