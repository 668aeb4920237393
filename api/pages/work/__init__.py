"""Start pages, portfolios and saved filters of signed-in people."""
