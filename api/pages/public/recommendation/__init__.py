"""The page of one recommendation."""
