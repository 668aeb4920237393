"""Inspections before publication."""
