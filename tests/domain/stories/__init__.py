"""Stories: given a history, a command is accepted with these events, or refused in these words."""
