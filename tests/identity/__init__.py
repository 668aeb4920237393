"""Sign-in, sessions and tokens promise."""
