"""What happens to a record on its way through the hub."""
