"""Messages by mail: their words, the pages on which people choose them, and their links."""
