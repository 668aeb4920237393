"""The plans of several recommendations: in a file, or one for all of them."""
