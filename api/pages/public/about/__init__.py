"""Pages about the service, and about reading its data by SQL."""
