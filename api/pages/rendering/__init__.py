"""Rendering: layout, labels, formats, languages and static files."""
