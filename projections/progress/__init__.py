"""Progress: counts, balances and medians per force."""
