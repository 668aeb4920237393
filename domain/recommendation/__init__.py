"""The life of one recommendation: its state, its decider, and what follows from both."""
