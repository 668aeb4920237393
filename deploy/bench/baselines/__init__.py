"""Baselines of the rows' ratios."""
