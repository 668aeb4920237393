"""What the project promises, one file a promise."""
