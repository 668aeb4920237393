"""The rules promise."""
