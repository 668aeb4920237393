"""PostgreSQL: connections, queries, migrations and the embedded server."""
