"""Who is who: sign-in, sessions, people, tokens and the rates of attempts."""
