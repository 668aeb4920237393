"""Load: appends and HTTP requests, made as fast as they are answered."""
