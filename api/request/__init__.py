"""What a handler needs of a request: services, the actor, parameters and body."""
