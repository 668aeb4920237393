"""Board packs: what a meeting has to know, on one or two sheets."""
