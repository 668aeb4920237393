"""The HTTP layer: protocol, middleware, limits, headers, forms and problems."""
