"""The register: where every recommendation stands, and the lists and figures taken from it."""
