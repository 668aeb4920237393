"""A person's work: who leads which force, saved filters, and visits to the start page."""
