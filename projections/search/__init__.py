"""Search: questions as PostgreSQL takes them, and the results of a search of everything."""
