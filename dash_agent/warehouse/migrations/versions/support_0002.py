"""Indexes that answer from themselves at a million tickets, and estimates that let two processors share the work."""

from alembic import op

revision = "support_0002"
down_revision = "support_0001"
branch_labels = None
depends_on = None

INDEXES = """
DROP INDEX support_threads_data_created, support_dialogs_created, ai_human_comparison_created, ai_agent_tasks_created,
    subscriptions_started;

-- Rates, counts, times and scores of a period, by most of what a ticket is split by.
CREATE INDEX support_threads_data_created ON support_threads_data (created_at)
    INCLUDE (request_type, channel, language, urgency, status, auto_sent, customer_id, csat, ai_answered_at,
             draft_created_at, sent_at, escalated_at);
-- "Errors in the last 24 hours", "stuck for more than two days": by when a ticket was last touched.
CREATE INDEX support_threads_data_updated ON support_threads_data (updated_at) INCLUDE (status, channel, request_type);
-- Messages, comparisons and tasks by what their ticket is.
CREATE INDEX support_threads_data_split ON support_threads_data (ticket_id)
    INCLUDE (channel, language, request_type, model);

CREATE INDEX support_dialogs_created ON support_dialogs (created_at) INCLUDE (ticket_id, role, latency_ms, feedback);
CREATE INDEX ai_human_comparison_created ON ai_human_comparison (created_at)
    INCLUDE (ticket_id, request_type, verdict, error_type, similarity, penalty_score);
CREATE INDEX ai_agent_tasks_created ON ai_agent_tasks (created_at)
    INCLUDE (ticket_id, task_type, status, requires_approval);
-- Churn counts who was there at the start of each month.
CREATE INDEX subscriptions_started ON subscriptions (started_at) INCLUDE (cancelled_at, status, plan);
"""

# As support_0001 made them.
FORMER = """
DROP INDEX support_threads_data_created, support_threads_data_updated, support_threads_data_split,
    support_dialogs_created, ai_human_comparison_created, ai_agent_tasks_created, subscriptions_started;
CREATE INDEX support_threads_data_created ON support_threads_data (created_at)
    INCLUDE (request_type, channel, status, auto_sent, customer_id);
CREATE INDEX support_dialogs_created ON support_dialogs (created_at) INCLUDE (role, latency_ms, feedback);
CREATE INDEX ai_human_comparison_created ON ai_human_comparison (created_at)
    INCLUDE (request_type, verdict, error_type, similarity, penalty_score);
CREATE INDEX ai_agent_tasks_created ON ai_agent_tasks (created_at) INCLUDE (task_type, status, requires_approval);
CREATE INDEX subscriptions_started ON subscriptions (started_at);
"""

# Answers group by hour to year, never by the instant. PostgreSQL takes a group for each instant, and would leave the
# other processor idle: with so many groups, adding up what two have counted seems dearer than counting alone.
INSTANTS = 1000
TIMES = {
    "support_threads_data": ("created_at", "updated_at", "sent_at", "escalated_at"),
    "support_dialogs": ("created_at",),
    "ai_human_comparison": ("created_at",),
    "ai_agent_tasks": ("created_at",),
    "customers": ("created_at",),
    "subscriptions": ("started_at", "cancelled_at"),
    "shipments": ("shipped_at",),
}


def upgrade() -> None:
    op.execute("SET LOCAL search_path = public")
    op.execute(INDEXES)
    _alter(f"SET (n_distinct = {INSTANTS})")


def downgrade() -> None:
    op.execute("SET LOCAL search_path = public")
    op.execute(FORMER)
    _alter("RESET (n_distinct)")


def _alter(change: str) -> None:
    for table, columns in TIMES.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'ALTER COLUMN {column} {change}' for column in columns)}")
        op.execute(f"ANALYZE {table}")
