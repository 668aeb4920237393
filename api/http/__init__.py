"""HTTP itself: the protocol, middleware, limits, headers, forms and problems."""
