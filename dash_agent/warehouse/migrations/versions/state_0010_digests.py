"""Digests that were made in the dashboard, and what became of every one."""

from alembic import op

revision = "state_0010"
down_revision = "state_0009"
branch_labels = None
depends_on = None

UPGRADE = """
-- Digests that are no files. definition: as a file of business/digests has it.
CREATE TABLE app.digests (
    name       text PRIMARY KEY,
    definition jsonb       NOT NULL,
    changed_by text        NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
-- One digest for one period and one address: what there is once. period: both days in it. due: when it was.
-- messages: as they were made, before the first is sent; what is begun goes on from them.
CREATE TABLE app.digest_issues (
    digest   text        NOT NULL,
    period   text        NOT NULL,
    channel  text        NOT NULL,
    address  text        NOT NULL,
    outcome  text        NOT NULL CHECK (outcome IN
             ('built', 'sent', 'withheld', 'skipped', 'in_doubt', 'refused', 'failed')),
    why      text        NOT NULL DEFAULT '',
    due      timestamptz NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    numbers  jsonb       NOT NULL DEFAULT '[]',
    messages jsonb       NOT NULL DEFAULT '[]',
    PRIMARY KEY (digest, period, channel, address)
);
CREATE INDEX digest_issues_by_time ON app.digest_issues (at);
"""

DOWNGRADE = "DROP TABLE app.digest_issues, app.digests;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
