"""What is owed to targets and what became of it."""
