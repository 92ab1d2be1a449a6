"""PostgreSQL behind the ports: the embedded server, migrations, roles and the SQL of our own state."""
