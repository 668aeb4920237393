"""Inspections before publication: their drafts, the list of them, and the release at its minute."""
