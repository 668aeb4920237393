"""Everything that can be on record: events of recommendations, reports and access."""
