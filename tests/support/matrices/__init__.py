"""Measures of every route and table, and requests made for every route."""
