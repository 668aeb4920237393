"""Access: permissions, roles at sign-in, and the record of sign-ins and tokens."""
