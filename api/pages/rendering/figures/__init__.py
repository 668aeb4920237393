"""Figures as they are drawn: cells of tables, and charts."""
