"""Every kind of event: those of recommendations, of reports and of access."""
