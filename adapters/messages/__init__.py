"""Messages by mail: who is told of what, the outbox, and the senders."""
