"""The columns of each list in words, and how its rows are read."""
