"""Papers of words and tables, to be printed: their parts, and tagged PDF."""
