"""The read models promise."""
