"""The words that events and commands are made of: values, dates, actors, identifiers."""
