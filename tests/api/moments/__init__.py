"""Answers about a moment or a position."""
