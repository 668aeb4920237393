"""The life of a recommendation: its state, its decider, and facts derived from them."""
