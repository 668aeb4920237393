"""Recording and reading single streams: commands, recommendations, documents, histories."""
