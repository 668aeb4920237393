"""Atom feeds: their pages, and their entries in words."""
