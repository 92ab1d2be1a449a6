"""Pieces of context, searched by words and by meaning."""

from alembic import op

revision = "state_0004"
down_revision = "state_0003"
branch_labels = None
depends_on = None

TABLES = """
-- hash: of everything the piece says. body: what is shown of it. words: what else it is found by.
-- The Russian configuration stems Latin words as English ones, so one vector of lexemes serves both languages.
CREATE TABLE app.documents (
    hash    text PRIMARY KEY,
    layer   text NOT NULL,
    name    text NOT NULL,
    file    text NOT NULL,
    body    text NOT NULL,
    words   text NOT NULL DEFAULT '',
    lexemes tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('pg_catalog.russian', replace(name, '_', ' ') || ' ' || words), 'A')
        || setweight(to_tsvector('pg_catalog.russian', replace(body, '_', ' ')), 'D')
        || to_tsvector('pg_catalog.simple', name)
    ) STORED
);
CREATE INDEX documents_by_lexeme ON app.documents USING gin (lexemes);

-- The content version whose pieces the table holds, whole; one row at most.
CREATE TABLE app.document_version (
    version    text PRIMARY KEY,
    indexed_at timestamptz NOT NULL DEFAULT now()
);
"""

# Without a number of dimensions: another embedder has another, and so few rows need no index.
EMBEDDING = """
DO $$
BEGIN
    ALTER TABLE app.documents ADD COLUMN embedding vector;
EXCEPTION WHEN undefined_object THEN
    RAISE NOTICE 'no type vector here: pieces of context are searched by words alone';
END $$
"""

DOWNGRADE = "DROP TABLE app.documents, app.document_version"


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(EMBEDDING)


def downgrade() -> None:
    op.execute(DOWNGRADE)
