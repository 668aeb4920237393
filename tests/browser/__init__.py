"""The pages promise, in a real browser."""
