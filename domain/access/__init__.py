"""Access: who may do what, and what is on record of sign-ins and tokens."""
