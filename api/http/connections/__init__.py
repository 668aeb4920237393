"""The connections of clients, and the server that accepts them."""
