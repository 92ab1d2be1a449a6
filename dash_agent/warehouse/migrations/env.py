"""What Alembic runs for each command, on the connection that `dash_agent.warehouse.migrate` gives it."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="app",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
