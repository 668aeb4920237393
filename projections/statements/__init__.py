"""Statements of published sources: their rows, and the list of them."""
