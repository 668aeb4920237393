"""Inspections before publication: planned, drafted, checked by the force, embargoed, released."""
