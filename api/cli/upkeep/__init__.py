"""Commands that keep the database: its schema, its copies, and what is removed from its files."""
