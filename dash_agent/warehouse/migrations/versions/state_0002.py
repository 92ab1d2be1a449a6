"""Receipts that can be replayed: watermarks, the engine, and the content files that answers were given by."""

from alembic import op

revision = "state_0002"
down_revision = "state_0001"
branch_labels = None
depends_on = None

UPGRADE = """
-- kept_at is the clock's here; created_at is the answer's own now, which a question may set.
-- statement: the SQL before the row scope, where there was one. watermarks: how far each table was filled.
ALTER TABLE app.answers
    ADD COLUMN kept_at         timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN context_version text,
    ADD COLUMN engine_version  text,
    ADD COLUMN result_hash     text,
    ADD COLUMN row_count       integer,
    ADD COLUMN scope           jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN statement       text,
    ADD COLUMN watermarks      jsonb NOT NULL DEFAULT '[]';
UPDATE app.answers SET
    kept_at         = created_at,
    context_version = answer -> 'receipt' ->> 'context_version',
    result_hash     = answer -> 'receipt' ->> 'result_hash',
    row_count       = (answer ->> 'row_count')::integer;

-- Content files, each text once.
CREATE TABLE app.content_files (
    hash text PRIMARY KEY,
    body text NOT NULL
);
-- files: path in the content folder -> hash
CREATE TABLE app.content_versions (
    version text PRIMARY KEY,
    kept_at timestamptz NOT NULL DEFAULT now(),
    files   jsonb       NOT NULL
);
"""

DOWNGRADE = """
DROP TABLE app.content_versions, app.content_files;
ALTER TABLE app.answers
    DROP COLUMN kept_at, DROP COLUMN context_version, DROP COLUMN engine_version, DROP COLUMN result_hash,
    DROP COLUMN row_count, DROP COLUMN scope, DROP COLUMN statement, DROP COLUMN watermarks;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
