"""Which rows a digest that went out counts."""

from alembic import op

revision = "state_0012"
down_revision = "state_0011"
branch_labels = None
depends_on = None

UPGRADE = """
-- scope: filters as of a principal, [] for every row. NULL of what was kept before: nobody can tell.
ALTER TABLE app.digest_issues ADD COLUMN scope jsonb;
"""

DOWNGRADE = "ALTER TABLE app.digest_issues DROP COLUMN scope;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
