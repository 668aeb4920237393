"""What tests put on record: actors, commands, stories, whole lives, the corpus, documents."""
