"""An inspection before its report is published: its draft, the check of facts, the embargo."""
