"""The pages promise."""
