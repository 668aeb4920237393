"""Pages that record: forms, their checks and their submissions."""
