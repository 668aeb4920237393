"""Requests of browsers: the token against forgery, and forms whose session has ended."""
