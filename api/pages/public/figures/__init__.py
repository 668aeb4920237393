"""Pages of figures, and of what is late."""
