"""Pinned plans, and sessions that others may open by their link."""

from alembic import op

revision = "state_0006"
down_revision = "state_0005"
branch_labels = None
depends_on = None

UPGRADE = """
-- What somebody keeps in view. as_of: when the plan was made, from which its relative periods are seen.
-- position: from 0 on, without gaps, a user's own.
CREATE TABLE app.pins (
    pin_id    text PRIMARY KEY,
    "user"    text        NOT NULL,
    position  integer     NOT NULL,
    title     text        NOT NULL,
    language  text        NOT NULL,
    plan      jsonb       NOT NULL,
    as_of     timestamptz NOT NULL,
    pinned_at timestamptz NOT NULL DEFAULT now(),
    -- checked at the end: those behind a pin move together
    UNIQUE ("user", position) DEFERRABLE INITIALLY DEFERRED
);
-- Sessions that their owner lets others open.
CREATE TABLE app.shared_sessions (
    "user"    text        NOT NULL,
    session   text        NOT NULL,
    shared_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("user", session)
);
-- a session of somebody else, by its link
CREATE INDEX answers_by_session ON app.answers (session) WHERE session IS NOT NULL;
"""

DOWNGRADE = """
DROP INDEX app.answers_by_session;
DROP TABLE app.shared_sessions, app.pins;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
