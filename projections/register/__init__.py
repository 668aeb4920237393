"""The register of recommendations, and the lists and figures taken from it."""
