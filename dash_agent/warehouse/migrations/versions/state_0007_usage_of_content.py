"""How often the content was behind answers, and which questions had none."""

from alembic import op

revision = "state_0007"
down_revision = "state_0006"
branch_labels = None
depends_on = None

UPGRADE = """
-- What an answer rests on, without unpacking the whole of it: counting over a month reads this for every answer.
ALTER TABLE app.answers ADD COLUMN sources jsonb GENERATED ALWAYS AS (
    CASE WHEN jsonb_typeof(answer -> 'sources') = 'array' THEN answer -> 'sources' END) STORED;
-- questions that were not answered, the latest ones
CREATE INDEX answers_missing ON app.answers (kept_at) WHERE answer ->> 'status' IN ('refused', 'clarify');
"""

DOWNGRADE = """
DROP INDEX app.answers_missing;
ALTER TABLE app.answers DROP COLUMN sources;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
