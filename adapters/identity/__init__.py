"""Identity: sign-in, sessions, people, tokens and rate limits."""
