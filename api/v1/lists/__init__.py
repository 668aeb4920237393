"""Lists and figures, read from the read models."""
