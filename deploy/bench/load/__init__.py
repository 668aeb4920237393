"""Load generators: appends and HTTP requests, sent as fast as they are answered."""
