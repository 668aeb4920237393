"""What tests share: people, commands, stories, servers and browsers."""
