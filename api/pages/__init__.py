"""Pages for people: HTML made on the server, of the same answers that the API gives."""
