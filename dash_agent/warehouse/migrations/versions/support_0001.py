"""The support tables."""

from pathlib import Path

from alembic import op

revision = "support_0001"
down_revision = None
branch_labels = ("support",)
depends_on = None


def upgrade() -> None:
    # As the driver takes it: SQLAlchemy would read the colons in the comments as parameters.
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
