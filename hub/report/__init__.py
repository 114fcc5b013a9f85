"""What is read from the rows about the hub's own work: the balance, failures, what waits, what to be alarmed about."""
