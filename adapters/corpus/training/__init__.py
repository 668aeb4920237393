"""The training world: forces that do not exist, and the lives of their recommendations."""
