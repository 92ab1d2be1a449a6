"""Turns, answers and audit; extensions; the schema that Agno fills."""

from alembic import op

revision = "state_0001"
down_revision = None
branch_labels = ("state",)
depends_on = None

# A server may lack these, or reserve them for its administrator: nothing here needs them yet.
EXTENSION = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = '{name}') THEN
        CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'extension {name} left out: %', SQLERRM;
END $$
"""

TABLES = """
CREATE SCHEMA IF NOT EXISTS ai;

-- The only memory of follow-ups.
CREATE TABLE app.turns (
    turn_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "user"     text        NOT NULL,
    session    text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    question   text        NOT NULL,
    plan       jsonb       NOT NULL
);
-- the last turn of a session
CREATE INDEX turns_of_session ON app.turns ("user", session, turn_id);

-- Receipts: each answer object as it went out.
CREATE TABLE app.answers (
    answer_id  text PRIMARY KEY,
    "user"     text        NOT NULL,
    session    text,
    created_at timestamptz NOT NULL,
    question   text,
    answer     jsonb       NOT NULL
);
-- a person's latest answers
CREATE INDEX answers_of_user ON app.answers ("user", created_at);

-- Who looked at or changed what. The app only adds to it.
CREATE TABLE app.audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    "user"   text        NOT NULL,
    action   text        NOT NULL,
    subject  text        NOT NULL,
    detail   jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_time ON app.audit (at);
"""


def upgrade() -> None:
    for name in ("vector", "pg_trgm"):
        op.execute(EXTENSION.format(name=name))
    op.execute(TABLES)
