"""Every kind of command: those of recommendations and of reports."""
