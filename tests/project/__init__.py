"""The project promises of itself."""
