"""The queue, what was sent, schedules; what models cost; and what answers may be shown again by."""

from alembic import op

revision = "state_0005"
down_revision = "state_0004"
branch_labels = None
depends_on = None

QUEUE = """
-- The only queue. key: one job for each, also after it is done, until it is pruned. run_at: not before.
-- attempts: begun ones. locked_until, locked_by: the lease of the worker that has it. error: of the last attempt.
CREATE TABLE app.jobs (
    job_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text        NOT NULL,
    key          text        NOT NULL UNIQUE,
    payload      jsonb       NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    run_at       timestamptz NOT NULL DEFAULT now(),
    attempts     integer     NOT NULL DEFAULT 0,
    locked_until timestamptz,
    locked_by    text,
    error        text,
    done_at      timestamptz,
    dead_at      timestamptz,
    CHECK (done_at IS NULL OR dead_at IS NULL),
    CHECK ((locked_until IS NULL) = (locked_by IS NULL))
);
-- what a worker may take, the oldest first
CREATE INDEX jobs_due ON app.jobs (run_at, job_id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX jobs_ended ON app.jobs (coalesce(done_at, dead_at)) WHERE done_at IS NOT NULL OR dead_at IS NOT NULL;

-- What was sent where, once. A row without sent_at: it was begun, and nobody knows whether it arrived.
CREATE TABLE app.deliveries (
    key       text PRIMARY KEY,
    channel   text        NOT NULL,
    recipient text        NOT NULL,
    begun_at  timestamptz NOT NULL DEFAULT now(),
    sent_at   timestamptz,
    reference text
);

-- What is due again and again. cron: in the business time zone. last_at: the latest time that a job was made for.
CREATE TABLE app.schedules (
    name    text PRIMARY KEY,
    kind    text        NOT NULL,
    cron    text        NOT NULL,
    payload jsonb       NOT NULL DEFAULT '{}',
    enabled boolean     NOT NULL DEFAULT true,
    last_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX turns_by_time ON app.turns (created_at);
CREATE INDEX answers_by_time ON app.answers (kept_at);
"""

COSTS = """
-- What models took for an answer. model: the last that was called.
CREATE TABLE app.usage (
    usage_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    answer_id  text,
    "user"     text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    model      text        NOT NULL,
    calls      integer     NOT NULL,
    prompt     bigint      NOT NULL,
    completion bigint      NOT NULL,
    cost_usd   numeric     NOT NULL
);
CREATE INDEX usage_of_user ON app.usage ("user", at);
CREATE INDEX usage_by_time ON app.usage (at);

-- USD a user may spend a day, where it is not what the settings say for all. NULL: as much as they like.
CREATE TABLE app.budgets (
    "user"      text PRIMARY KEY,
    usd_per_day numeric CHECK (usd_per_day >= 0),
    set_by      text        NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT now()
);
"""

REUSE = """
-- A row for each transaction that wrote to a watched table, or rows of many such in one (then without xact). The sum
-- of n that a snapshot sees changes with every commit. An insert waits for nobody, as counting up one row would.
-- started: transaction ids begin anew in a server that a dump was restored to.
CREATE TABLE app.changes (
    table_name name        NOT NULL,
    xact       xid8,
    started    timestamptz NOT NULL DEFAULT now(),
    n          bigint      NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX changes_of_xact ON app.changes (xact, started, table_name);

-- As its owner: whoever writes to the table need not know of it.
CREATE OR REPLACE FUNCTION app.note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO app.changes (table_name, xact) VALUES (TG_TABLE_NAME, pg_current_xact_id()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- reuse_key: the same for answers that are the same as long as the tables in `changes` stay at what it says of each.
ALTER TABLE app.answers ADD COLUMN reuse_key text, ADD COLUMN changes jsonb;
CREATE INDEX answers_to_reuse ON app.answers (reuse_key, kept_at) WHERE reuse_key IS NOT NULL;
"""

DOWNGRADE = """
ALTER TABLE app.answers DROP COLUMN reuse_key, DROP COLUMN changes;
DROP INDEX app.turns_by_time, app.answers_by_time;
DROP FUNCTION app.note_change CASCADE;
DROP TABLE app.changes, app.budgets, app.usage, app.schedules, app.deliveries, app.jobs;
"""


def upgrade() -> None:
    op.execute(QUEUE)
    op.execute(COSTS)
    op.execute(REUSE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
