"""Parts that forms and filters share: how a typed answer is read."""
