"""The vocabulary of events and commands: values, dates, actors and identifiers."""
