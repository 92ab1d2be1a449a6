"""What is counted of kept answers stands beside them, so that counting months opens none; what people prefer."""

from alembic import op

revision = "state_0008"
down_revision = "state_0007"
branch_labels = None
depends_on = None

UPGRADE = """
-- asked: by a person, not a tile's. reused: an earlier answer that was shown again. took_ms: all of it.
ALTER TABLE app.answers
    ADD COLUMN asked  boolean GENERATED ALWAYS AS (coalesce(question, '') <> '') STORED,
    ADD COLUMN status text    GENERATED ALWAYS AS (answer->>'status') STORED,
    ADD COLUMN engine text    GENERATED ALWAYS AS (answer->>'engine') STORED,
    ADD COLUMN reused boolean GENERATED ALWAYS AS (coalesce(jsonb_typeof(answer->'cache') = 'object', false)) STORED,
    ADD COLUMN took_ms double precision GENERATED ALWAYS AS (
        CASE WHEN jsonb_typeof(answer #> '{timings_ms,total}') = 'number'
             THEN (answer #>> '{timings_ms,total}')::double precision END
    ) STORED;
DROP INDEX app.answers_by_time;
CREATE INDEX answers_by_time ON app.answers (kept_at) INCLUDE (asked, status, engine, reused, took_ms);

CREATE TABLE app.preferences (
    "user"   text PRIMARY KEY,
    language text        NOT NULL,
    set_at   timestamptz NOT NULL DEFAULT now()
);
"""

DOWNGRADE = """
DROP TABLE app.preferences;
DROP INDEX app.answers_by_time;
CREATE INDEX answers_by_time ON app.answers (kept_at);
ALTER TABLE app.answers
    DROP COLUMN asked, DROP COLUMN status, DROP COLUMN engine, DROP COLUMN reused, DROP COLUMN took_ms;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
