"""A handler's view of a request: services, the actor, parameters and body."""
