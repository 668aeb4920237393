"""Baselines that the rows are ratios to."""
