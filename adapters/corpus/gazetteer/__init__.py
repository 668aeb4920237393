"""Names of forces, bodies and places, and postcodes: the data that ships, and its search."""
