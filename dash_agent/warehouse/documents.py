"""The pieces of context in `app.documents`: full text and vectors, fused by rank. Without pgvector, full text alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from psycopg import Connection

from dash_agent.context.ranking import fused
from dash_agent.models.planned import Passage
from dash_agent.ports import Embedder, Vector
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable

LOCK: Final = 0x70696563
"""Two processes that index at once wait for each other."""

WORDS_EMBEDDED: Final = 90
TEXT_EMBEDDED: Final = 120
"""Characters of a piece that are embedded: what it is called and how it begins. More made no search better."""

BATCH: Final = 16

DEEP: Final = 40
"""Places of each ranking that are fused, at least."""

HAS_VECTORS: Final = """
    SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute
                   WHERE attrelid = 'app.documents'::regclass AND attname = 'embedding' AND NOT attisdropped)
"""
INDEXED: Final = "SELECT EXISTS (SELECT FROM app.document_version WHERE version = %s)"
FORGET: Final = "DELETE FROM app.documents WHERE hash <> ALL (%s)"
KEEP: Final = """
    INSERT INTO app.documents (hash, layer, name, file, body, words) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
SET_VERSION: Final = """
    WITH gone AS (DELETE FROM app.document_version WHERE version <> %(version)s)
    INSERT INTO app.document_version (version) VALUES (%(version)s) ON CONFLICT DO NOTHING
"""
WHOLE: Final = "SELECT NOT EXISTS (SELECT FROM app.documents WHERE embedding IS NULL)"
BARE: Final = """
    SELECT hash, left(words, %s) || '. ' || left(body, %s) FROM app.documents
    WHERE embedding IS NULL ORDER BY hash LIMIT %s FOR UPDATE SKIP LOCKED
"""
EMBED: Final = "UPDATE app.documents SET embedding = %s::real[]::vector WHERE hash = %s"

# BM25 over lexemes, a name and a synonym counting threefold: ts_rank does not know how telling a word is.
# Synonyms make a piece long without making it less of one thing, so length weighs little.
BY_WORDS: Final = """
    WITH asked AS (
        SELECT DISTINCT lexeme FROM unnest(to_tsvector('pg_catalog.russian', replace(%(text)s, '_', ' ')))
    ), total AS (
        SELECT count(*)::float8 AS pieces, greatest(avg(length(lexemes)), 1)::float8 AS usual FROM app.documents
    ), hits AS (
        SELECT d.hash, w.lexeme, length(d.lexemes) / t.usual AS long,
               (SELECT sum(CASE weight WHEN 'A' THEN 3 ELSE 1 END) FROM unnest(w.weights) weight
                ) AS times
        FROM total t, app.documents d, unnest(d.lexemes) w JOIN asked a ON a.lexeme = w.lexeme
        WHERE d.lexemes @@ (SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery FROM asked)
    ), rare AS (
        SELECT lexeme, ln(1 + (max(t.pieces) - count(*) + 0.5) / (count(*) + 0.5)) AS worth
        FROM hits, total t GROUP BY lexeme
    ), ranked AS (
        SELECT hash, sum(worth * least(times, 6) * 2.2 / (least(times, 6) + 1.2 * (0.6 + 0.4 * long))) AS score
        FROM hits JOIN rare USING (lexeme) GROUP BY hash ORDER BY score DESC, hash LIMIT %(limit)s
    )
    SELECT d.layer, d.name, d.file, d.body, r.score, d.words
    FROM ranked r JOIN app.documents d USING (hash) ORDER BY r.score DESC, d.hash
"""
BY_MEANING: Final = """
    SELECT layer, name, file, body, 1 - (embedding <=> %(vector)s::real[]::vector) AS score, words
    FROM app.documents WHERE vector_dims(embedding) = %(size)s
    ORDER BY embedding <=> %(vector)s::real[]::vector, hash LIMIT %(limit)s
"""


class SqlDocuments:
    """Port `Documents`, on the app role. embedder: None searches by words alone.

    Raises WarehouseUnavailable, DiskFull, WrongSchema.
    """

    def __init__(self, connections: Connections, embedder: Embedder | None) -> None:
        self._connections = connections
        self._embedder = embedder

    def index(self, version: str, passages: Sequence[Passage]) -> None:
        """Writes what is new, for a search by words; `embed` brings the vectors. Nothing where the version is there."""
        kept = {_hash(passage): passage for passage in passages}
        rows = [(hash_, *_row(passage)) for hash_, passage in kept.items()]
        with self._connections.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            if not _one(connection, INDEXED, (version,)):
                connection.execute(FORGET, (list(kept),))
                with connection.cursor() as cursor:
                    cursor.executemany(KEEP, rows)
                connection.execute(SET_VERSION, {"version": version})

    def embed(self) -> None:
        """A few at a time, each kept at once: what is embedded stays so when the process ends."""
        while self._embedded_some():
            pass

    def search(self, text: str, limit: int, also: Sequence[str] = ()) -> Sequence[Passage]:
        """also: texts that an answer might hold, such as a model makes up; each is one more ranking by meaning."""
        asked, *more = (str(storable(one)) for one in (text, *also))
        with self._connections.transaction() as connection:
            return fused(self._rankings(connection, asked, max(limit, DEEP), more), limit)

    def by_words(self, text: str, limit: int) -> Sequence[Passage]:
        with self._connections.transaction() as connection:
            return _by_words(connection, text, limit)

    def by_meaning(self, text: str, limit: int) -> Sequence[Passage]:
        """() where nothing embeds, and until all pieces are embedded: the ones without a vector would be hidden."""
        with self._connections.transaction() as connection:
            return next(iter(self._by_meaning(connection, (text,), limit)), ())

    def _rankings(
        self, connection: Connection, text: str, limit: int, also: Sequence[str]
    ) -> Sequence[Sequence[Passage]]:
        return (_by_words(connection, text, limit), *self._by_meaning(connection, (text, *also), limit))

    def _by_meaning(self, connection: Connection, texts: Sequence[str], limit: int) -> Sequence[Sequence[Passage]]:
        if self._embedder is None or not (_one(connection, HAS_VECTORS) and _one(connection, WHOLE)):
            return ()
        return tuple(_nearest(connection, vector, limit) for vector in self._embedder.embed(texts))

    def _embedded_some(self) -> bool:
        if self._embedder is None:
            return False
        with self._connections.transaction() as connection:
            if not _one(connection, HAS_VECTORS):
                return False
            batch = connection.execute(BARE, (WORDS_EMBEDDED, TEXT_EMBEDDED, BATCH)).fetchall()
            vectors = self._embedder.embed([text for _, text in batch]) if batch else ()
            with connection.cursor() as cursor:
                rows = [(list(vector.parts), hash_) for vector, (hash_, _) in zip(vectors, batch, strict=True)]
                cursor.executemany(EMBED, rows)
        return bool(batch)


def _by_words(connection: Connection, text: str, limit: int) -> Sequence[Passage]:
    return _passages(connection.execute(BY_WORDS, {"text": text, "limit": limit}).fetchall())


def _nearest(connection: Connection, vector: Vector, limit: int) -> Sequence[Passage]:
    given = {"vector": list(vector.parts), "size": len(vector.parts), "limit": limit}
    return _passages(connection.execute(BY_MEANING, given).fetchall())


def _passages(rows: Sequence[tuple[object, ...]]) -> tuple[Passage, ...]:
    return tuple(
        Passage(str(layer), str(name), str(file), str(body), float(str(score)), str(words))
        for layer, name, file, body, score, words in rows
    )


def _one(connection: Connection, statement: str, given: tuple[object, ...] = ()) -> bool:
    row = connection.execute(statement.encode(), given).fetchone()
    return bool(row and row[0])


def _row(passage: Passage) -> tuple[str, ...]:
    parts = (passage.layer, passage.name, passage.file, passage.text, passage.words)
    return tuple(str(storable(part)) for part in parts)


def _hash(passage: Passage) -> str:
    return hashlib.sha256("\0".join(_row(passage)).encode()).hexdigest()
