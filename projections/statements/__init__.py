"""Statements of published sources, and published steps: the rows, and the lists of them."""
