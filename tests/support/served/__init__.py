"""The service under test and its clients: HTTP, browsers, raw sockets, an identity provider."""
